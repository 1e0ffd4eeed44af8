//! CRC-16/CCITT-FALSE, the check value in tag 63: polynomial 1021, start FFFF, not reflected, nothing added at the end.
//! It finds typing and scanning errors; it is no signature. Source: EMVCo MPM 1.1, field 63.

/// The check value of `bytes`.
///
/// ```
/// assert_eq!(payment::vietqr::crc16(b"123456789"), 0x29b1);
/// ```
#[must_use]
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xffff, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            let shifted = crc << 1;
            if crc & 0x8000 == 0 { shifted } else { shifted ^ 0x1021 }
        })
    })
}
