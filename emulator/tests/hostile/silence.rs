//! Clients that connect and say nothing, or not all of something.

use std::io::Write;
use std::net::TcpStream;

use crate::victim::Victim;

const CONNECTIONS: usize = 300;

/// What so many connections cost at most.
const CONNECTIONS_MEGABYTES: u64 = 16;

#[test]
fn connections_on_which_nothing_is_said_cost_little() {
    assert_cheap(b"");
}

#[test]
fn connections_on_which_half_a_frame_is_said_cost_little() {
    assert_cheap(b"AMQP\x03\x01\x00\x00\x00\x00\x01\xf0\x02\x01\x00\x00\x00\x53\x41");
}

fn assert_cheap(said: &[u8]) {
    let mut victim = Victim::start();
    let connect = |_| {
        let mut stream = TcpStream::connect(("localhost", victim.port)).unwrap();
        stream.write_all(said).unwrap();
        stream
    };
    let streams: Vec<TcpStream> = (0..CONNECTIONS).map(connect).collect();
    victim.assert_stands(CONNECTIONS_MEGABYTES);
    drop(streams);
}
