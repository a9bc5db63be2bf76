//! A line of small bars. Pure.

use scalelite_core::state::Sample;
use scalelite_core::state::history::SAMPLE_SECONDS;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The server was offline.
const OFFLINE: char = '×';
/// There is no sample.
const NOTHING: char = ' ';

/// The load of the last `hours` until `now` (in seconds since 1970), the oldest first: one bar for each hour, as high as
/// its largest sample. `most` is the load of the highest bar.
pub(crate) fn of_load(samples: &[Sample], now: u64, hours: u64, most: f64) -> String {
    let hour_of = |at: u64| at / 3600;
    let last = hour_of(now);
    (0..hours)
        .rev()
        .map(|ago| bar(samples.iter().filter(|sample| hour_of(sample.at) + ago == last), most))
        .collect()
}

fn bar<'a>(samples: impl Iterator<Item = &'a Sample>, most: f64) -> char {
    let (mut load, mut online, mut offline) = (0.0_f64, false, false);
    for sample in samples {
        load = load.max(sample.load);
        online |= !sample.offline;
        offline |= sample.offline;
    }
    match (online, offline) {
        (false, false) => NOTHING,
        (false, true) => OFFLINE,
        _ if most <= 0.0 => BARS[0],
        _ => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 7")]
            let height = (load / most * 7.0).clamp(0.0, 7.0).round() as usize;
            BARS[height.min(7)]
        }
    }
}

/// The largest load of all of them.
pub(crate) fn most<'a>(histories: impl IntoIterator<Item = &'a Vec<Sample>>) -> f64 {
    histories.into_iter().flatten().map(|sample| sample.load).fold(0.0, f64::max)
}

// An hour is a whole number of samples, so that none lies in two.
const _: () = assert!(3600 % SAMPLE_SECONDS == 0);

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at: u64, load: f64, offline: bool) -> Sample {
        Sample { at, load, meetings: 0, users: 0, videos: 0, offline }
    }

    #[test]
    fn a_bar_for_each_hour() {
        let now = 100 * 3600 + 1800;
        let samples = [
            sample(90 * 3600, 100.0, false), // too old
            sample(97 * 3600, 0.0, false),
            sample(98 * 3600, 3.0, false),
            sample(98 * 3600 + 3300, 10.0, false),
            sample(99 * 3600, 0.0, true),
            sample(100 * 3600, 5.0, false),
            sample(100 * 3600 + 300, 0.0, true),
        ];
        assert_eq!(of_load(&samples, now, 5, 10.0), " ▁█×▅");
        assert_eq!(of_load(&samples, now, 2, 0.0), "×▁");
        assert_eq!(of_load(&[], now, 3, 1.0), "   ");
    }
}
