//! Calls of async functions. The compiler repeats an unmet bound at the method and at the `await`.

use parallelize::parallelize;
use std::cell::Cell;
use std::rc::Rc;

pub struct Client {
    count: Cell<u32>,
}

impl Client {
    #[parallelize(over = x)]
    pub async fn fetch(&self, x: u32) -> u32 {
        x + self.count.get()
    }

    #[parallelize(over = x, local)]
    pub async fn fetch_here(&self, x: u32) -> u32 {
        x + self.count.get()
    }
}

pub trait Fetch {
    #[parallelize(over = x)]
    fn get(&self, x: u32) -> impl Future<Output = u32> + Send;
}

pub async fn all<T: Fetch>(fetch: T) -> usize {
    fetch.get_parallel([1]).await.len()
//        ^ error: `T` cannot be shared between threads safely
//  ^ error: `T` cannot be shared between threads safely
//                          ^ error: `T` cannot be shared between threads safely
}

fn spawn<F: Future + Send>(_: F) {}

pub fn calls(client: &Client) {
    client.fetch_parallel([1]);
//         ^ error: `Cell<u32>` cannot be shared between threads safely
    spawn(client.fetch_here_parallel([1]));
//        ^ error: `Cell<u32>` cannot be shared between threads safely
    client.fetch_here_parallel([1].iter().map(|x| Rc::new(*x)));
//                             ^ error: the mapped parameter takes items of type `u32`
}

fn main() {}
