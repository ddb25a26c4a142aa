//! What the program that has started this process says about the run.

use std::env;

/// Variables with the number of processes of the run, and who sets them.
///
/// `SLURM_NTASKS` is none of them: a batch script, which is one process, has it as well.
const COUNTS: [(&str, &str); 3] =
    [("OMPI_COMM_WORLD_SIZE", "mpirun"), ("PMI_SIZE", "mpiexec"), ("SLURM_STEP_NUM_TASKS", "srun")];

/// The number of processes of the run, and the program that has started them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Launch {
    pub(crate) processes: usize,
    pub(crate) by: &'static str,
}

impl Launch {
    /// Returns `None` if this process was started alone.
    pub(crate) fn of_this_process() -> Option<Self> {
        Launch::read(|name| env::var(name).ok())
    }

    fn read(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let count = |name| variable(name)?.trim().parse().ok();
        let launch = COUNTS.iter().find_map(|&(name, by)| Some(Launch { processes: count(name)?, by }))?;
        (launch.processes > 1).then_some(launch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Option<Launch> {
        Launch::read(|name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_launcher_says_how_many_processes_there_are() {
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[("OMPI_COMM_WORLD_SIZE", "3")]), Some(Launch { processes: 3, by: "mpirun" }));
        assert_eq!(read(&[("PMI_SIZE", "2")]), Some(Launch { processes: 2, by: "mpiexec" }));
        assert_eq!(read(&[("SLURM_STEP_NUM_TASKS", "64")]), Some(Launch { processes: 64, by: "srun" }));
        // `mpirun` in a batch job: it knows better than Slurm, whose step is the script.
        let both = [("SLURM_STEP_NUM_TASKS", "1"), ("OMPI_COMM_WORLD_SIZE", "8")];
        assert_eq!(read(&both), Some(Launch { processes: 8, by: "mpirun" }));
    }

    #[test]
    fn one_process_needs_no_mpi() {
        assert_eq!(read(&[("OMPI_COMM_WORLD_SIZE", "1")]), None);
        assert_eq!(read(&[("SLURM_NTASKS", "64"), ("SLURM_STEP_NUM_TASKS", "1")]), None);
        assert_eq!(read(&[("PMI_SIZE", "many")]), None);
    }
}
