//! How a process has ended, in words.

use std::process::ExitStatus;

/// Returns how a process has ended: `signal 9 (SIGKILL)` or `exit code 1`.
pub(crate) fn describe(status: ExitStatus) -> String {
    if let Some(signal) = signal(status) {
        return signal;
    }
    match status.code() {
        // What Windows reports instead of a signal.
        Some(code) if code < 0 => format!("exit code {code:#x}"),
        Some(code) => format!("exit code {code}"),
        None => status.to_string(),
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<String> {
    use std::os::unix::process::ExitStatusExt;
    let signal = status.signal()?;
    let bus_error = if cfg!(any(target_os = "linux", target_os = "android")) { 7 } else { 10 };
    let name = match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        signal if signal == bus_error => "SIGBUS",
        _ => return Some(format!("signal {signal}")),
    };
    Some(format!("signal {signal} ({name})"))
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<String> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::describe;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    #[test]
    fn endings_are_named() {
        for (status, expected) in [
            (9, "signal 9 (SIGKILL)"),
            (6, "signal 6 (SIGABRT)"),
            // With a core dump.
            (0x8b, "signal 11 (SIGSEGV)"),
            (40, "signal 40"),
            (3 << 8, "exit code 3"),
            (0, "exit code 0"),
        ] {
            assert_eq!(describe(ExitStatus::from_raw(status)), expected);
        }
    }
}
