//! Devices that people have signed in from: a mark in a cookie, sealed under the bank's key. Whoever knocks with the
//! mark of a person is not kept waiting by strangers who try at that person's password.

use crate::bank::Bank;
use crate::shared::audit::seal;
use crate::shared::canonical::hex;
use crate::shared::error::OpError;
use jiff::{SignedDuration, Timestamp};
use tawi_domain::shared::constants::DEVICE_DAYS;
use tawi_domain::shared::ids::StaffId;
use uuid::Uuid;

/// Characters of a password's stamp that a mark holds.
const STAMP: usize = 16;
/// Between the marks that a device keeps.
const BETWEEN: &str = "!";

/// A device one person has signed in from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    staff_id: StaffId,
    id: Uuid,
    /// The beginning of the stamp of the password they signed in with.
    stamp: String,
}

/// People of whom a device keeps a mark: those who share a counter.
const PEOPLE: usize = 8;

/// Where somebody knocks from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Their address, or the network it counts as.
    pub address: String,
    /// What the device keeps of those who have signed in from it, and that is still good, the last first.
    pub marks: Vec<Mark>,
}

/// A device's mark, as it is kept there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Whose device it is.
    pub device: Device,
    text: String,
}

impl Origin {
    /// From an address, on a device nobody knows.
    pub fn of(address: impl Into<String>) -> Self {
        Self { address: address.into(), marks: Vec::new() }
    }

    /// The device, if it is one of a person.
    pub fn device_of(&self, staff_id: &StaffId) -> Option<&Device> {
        self.marks.iter().map(|mark| &mark.device).find(|device| device.staff_id == *staff_id)
    }

    /// The device of somebody who has just signed in, under the password of a stamp: the one they have used, or a new one.
    pub fn device_for(&self, staff_id: &StaffId, stamp: &str) -> Device {
        let own = self.device_of(staff_id).filter(|device| device.is_of(stamp)).cloned();
        own.unwrap_or_else(|| Device::new(staff_id.clone(), stamp))
    }

    /// From an address, with the marks that a device has kept.
    pub fn with_marks(bank: &Bank, address: impl Into<String>, kept: &str) -> Self {
        let marks = kept.split(BETWEEN).filter_map(|text| {
            let device = Device::read(bank, text)?;
            Some(Mark { device, text: text.to_owned() })
        });
        Self { address: address.into(), marks: marks.take(PEOPLE).collect() }
    }

    /// What the device keeps from now on: the mark of whoever has just signed in, anew, and those of the others.
    ///
    /// # Errors
    /// The clock is at its end.
    pub fn kept_for(&self, bank: &Bank, device: &Device) -> Result<String, OpError> {
        let others = self.marks.iter().filter(|mark| mark.device.staff_id != device.staff_id);
        let mut kept = vec![device.mark(bank)?];
        kept.extend(others.take(PEOPLE - 1).map(|mark| mark.text.clone()));
        Ok(kept.join(BETWEEN))
    }
}

impl Device {
    /// A device that is new to a person, who has signed in with the password of a stamp.
    pub fn new(staff_id: StaffId, stamp: &str) -> Self {
        Self { staff_id, id: Uuid::new_v4(), stamp: stamp.chars().take(STAMP).collect() }
    }

    /// Whether they signed in from it with the password of a stamp.
    pub fn is_of(&self, stamp: &str) -> bool {
        self.stamp.len() == STAMP && stamp.starts_with(&self.stamp)
    }

    /// Its id, in 32 letters and figures.
    pub fn id(&self) -> String {
        self.id.simple().to_string()
    }

    /// Its mark, good for thirty days from now.
    ///
    /// # Errors
    /// The clock is at its end.
    pub fn mark(&self, bank: &Bank) -> Result<String, OpError> {
        let good_for = SignedDuration::from_hours(24 * DEVICE_DAYS);
        let ends = bank.clock().now().saturating_add(good_for).map_err(OpError::stored)?.as_second();
        let sealed = self.sealed(bank, ends)?;
        Ok(format!("{}.{}.{ends}.{}.{sealed}", self.staff_id, self.id(), self.stamp))
    }

    /// The device of a mark that this bank made and that is still good.
    pub fn read(bank: &Bank, mark: &str) -> Option<Self> {
        let parts: Vec<&str> = mark.split('.').collect();
        let [staff_id, id, ends, stamp, sealed] = parts.as_slice() else { return None };
        let ends: i64 = ends.parse().ok()?;
        let device =
            Self { staff_id: staff_id.parse().ok()?, id: id.parse().ok()?, stamp: (*stamp).to_owned() };
        let right = same(&device.sealed(bank, ends).ok()?, sealed);
        (right && Timestamp::from_second(ends).ok()? > bank.clock().now()).then_some(device)
    }

    fn sealed(&self, bank: &Bank, ends: i64) -> Result<String, OpError> {
        let (id, ends) = (self.id(), ends.to_string());
        let parts = ["device", self.staff_id.as_str(), &id, &ends, &self.stamp];
        Ok(hex(&seal(&bank.settings().audit_key, parts.map(str::as_bytes))?))
    }
}

/// Whether two seals are the same, in a time that tells nothing of where they differ.
fn same(one: &str, other: &str) -> bool {
    let differs = one.bytes().zip(other.bytes()).fold(0, |differs, (one, other)| differs | (one ^ other));
    one.len() == other.len() && differs == 0
}
