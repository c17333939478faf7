mod shop { pub fn get(v: &[u8], i: usize) -> u8 { v[i] } pub fn run(v: &[u8]) -> u8 { let f = |i| get(v, i); f(v.len() + 2) } }
fn main() { let v: Vec<u8> = std::env::args().next().unwrap().into_bytes(); println!("{}", shop::run(&v)); }
