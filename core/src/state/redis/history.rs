//! The last day of each server, as `lua/history.lua` writes it.

use super::RedisState;
use super::decode::Fields;
use crate::state::StateError;
use crate::state::history::{Histories, SAMPLE_SECONDS, Sample, oldest, slot_of};

/// The bytes of a sample.
const PLACE: usize = 28;

impl RedisState {
    pub(super) async fn all_histories(&self) -> Result<Histories, StateError> {
        let mut fields = Fields::of(self.invoke(&self.call(&self.scripts.histories)).await?)?;
        let now = slot_of(fields.number()?);
        let mut histories = Histories::new();
        while let Some(id) = fields.next_text()? {
            histories.insert(id.into(), samples(&fields.bytes()?, now));
        }
        Ok(histories)
    }
}

/// Those that are not a day old, the oldest first.
fn samples(history: &[u8], now: u64) -> Vec<Sample> {
    let recent = oldest(now)..=now;
    let mut samples: Vec<Sample> = history
        .chunks_exact(PLACE)
        .filter_map(sample)
        .filter(|sample| recent.contains(&(sample.at / SAMPLE_SECONDS)))
        .collect();
    samples.sort_unstable_by_key(|sample| sample.at);
    samples
}

fn sample(place: &[u8]) -> Option<Sample> {
    let (slot, rest) = place.split_first_chunk()?;
    let (load, rest) = rest.split_first_chunk()?;
    let mut rest = rest.chunks_exact(4).filter_map(|bytes| bytes.first_chunk());
    let mut whole = || rest.next().map(|bytes| u64::from(u32::from_le_bytes(*bytes)));
    Some(Sample {
        at: u64::from(u32::from_le_bytes(*slot)) * SAMPLE_SECONDS,
        load: f64::from_le_bytes(*load),
        meetings: whole()?,
        users: whole()?,
        videos: whole()?,
        offline: whole()? != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(slot: u32, load: f64, meetings: u32) -> Vec<u8> {
        let mut place = slot.to_le_bytes().to_vec();
        place.extend(load.to_le_bytes());
        for number in [meetings, 5, 6, 1] {
            place.extend(number.to_le_bytes());
        }
        place
    }

    #[test]
    fn a_ring_is_read_from_its_oldest_sample_on() {
        let empty = vec![0; PLACE];
        let ring = [place(1002, 2.5, 4), place(715, 9.0, 9), empty, place(716, 1.0, 1), vec![7; 3]].concat();
        let read = samples(&ring, 1003);
        let (old, new) = (716 * SAMPLE_SECONDS, 1002 * SAMPLE_SECONDS);
        assert_eq!(read.iter().map(|sample| sample.at).collect::<Vec<_>>(), [old, new]);
        let wanted = Sample { at: new, load: 2.5, meetings: 4, users: 5, videos: 6, offline: true };
        assert_eq!(read[1], wanted);
    }
}
