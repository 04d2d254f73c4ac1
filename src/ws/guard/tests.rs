use super::{Frames, Guarded};
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, stream};

/// A masked frame.
fn frame(length: usize) -> Vec<u8> {
    let mut bytes = vec![0x81];
    match length {
        0..=125 => bytes.push(0x80 | u8::try_from(length).unwrap()),
        126..=65_535 => {
            bytes.push(0x80 | 126);
            bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | 127);
            bytes.extend(u64::try_from(length).unwrap().to_be_bytes());
        }
    }
    bytes.extend([1, 2, 3, 4]);
    bytes.extend(std::iter::repeat_n(0xFF, length));
    bytes
}

#[test]
fn frames_up_to_the_limit_pass_however_they_are_cut() {
    let bytes: Vec<u8> = [0, 1, 125, 126, 300, 1_000]
        .into_iter()
        .flat_map(frame)
        .collect();
    for size in [1, 2, 3, 7, 128, bytes.len()] {
        let mut frames = Frames::new(1_000);
        let whole: Option<usize> = bytes.chunks(size).map(|chunk| frames.pass(chunk)).sum();
        assert_eq!(whole, Some(6), "cut at {size}");
        assert!(frames.head.is_empty() && frames.left == 0);
    }
}

#[test]
fn a_longer_one_is_refused_before_it_comes() {
    for length in [1_001, 70_000] {
        let long = frame(length);
        let bytes = [frame(10), frame(1_000), long[..10].to_vec()].concat();
        for size in [1, 5, bytes.len()] {
            let mut frames = Frames::new(1_000);
            let refused = bytes.chunks(size).any(|chunk| frames.pass(chunk).is_none());
            assert!(refused, "{length} cut at {size}");
        }
    }
    let mut frames = Frames::new(1_000);
    let most = [0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
    assert_eq!(frames.pass(&most), None);
}

#[test]
fn nothing_is_read_while_frames_wait_to_be_handled() {
    // A client that never pauses.
    let three = Bytes::from([frame(1), frame(200), frame(0), frame(9)[..4].to_vec()].concat());
    let endless = stream::repeat_with(|| Ok::<_, PayloadError>(three.clone()));
    let (mut guarded, intake) = Guarded::new(endless, 1_000);
    assert!(guarded.next().now_or_never().is_some());
    for _ in 0..3 {
        assert!(guarded.next().now_or_never().is_none());
        intake.handled();
    }
    assert!(guarded.next().now_or_never().is_some());
}

#[test]
fn half_a_frame_waits_for_its_other_half() {
    let long = frame(200);
    let halves = [&long[..90], &long[90..]].map(|half| Ok(Bytes::copy_from_slice(half)));
    let (mut guarded, _intake) = Guarded::new(stream::iter(halves), 1_000);
    for _ in 0..2 {
        let half: Option<Result<_, PayloadError>> = guarded.next().now_or_never().flatten();
        assert!(half.is_some_and(|half| half.is_ok()));
    }
    assert!(guarded.next().now_or_never().is_none());
}
