//! Owns the short list of passwords that everybody tries first, in Viet Nam and elsewhere. The list is of words; rules look at
//! the password without its digits and signs at the ends, so that `Matkhau@123` falls with `matkhau`.

/// Words and runs that make a password guessable when nothing else is in it. Lower case, folded.
pub(crate) const WORDS: &[&str] = &[
    "password", "passw0rd", "p@ssword", "p@ssw0rd", "pass", "admin", "administrator", "quantri", "quantrivien", "root", "user",
    "guest", "test", "demo", "welcome", "letmein", "iloveyou", "qwerty", "qwertyuiop", "qwertyui", "asdfgh", "asdfghjkl",
    "zxcvbn", "zxcvbnm", "abc", "abcd", "abcdef", "abcdefgh", "matkhau", "mat khau", "matkhaumoi", "doimatkhau", "dangnhap",
    "canbo", "motcua", "vietnam", "viet nam", "hanoi", "saigon", "hatinh", "angiang", "thainguyen", "tayninh", "khanhhoa",
    "ubnd", "congchuc", "chuyenvien", "anhyeuem", "emyeuanh", "yeuem", "yeuanh", "khongbiet", "khongco", "hochiminh",
    "tinhso", "dichvucong", "chinhquyen", "sunshine", "monkey", "dragon", "football", "baseball", "master", "superman", "secret",
    "changeme", "default", "login", "princess", "shadow", "michael", "starwars", "trustno", "computer", "internet",
];

/// Whole passwords refused as they stand. Lower case.
pub(crate) const WHOLE: &[&str] = &[
    "12345678", "123456789", "1234567890", "0123456789", "0987654321", "987654321", "87654321", "11111111", "00000000",
    "88888888", "66668888", "68686868", "12341234", "11223344", "1qaz2wsx", "1q2w3e4r", "1q2w3e4r5t", "qazwsxedc", "zaq12wsx",
    "a1b2c3d4", "abc12345", "aa123456", "q1w2e3r4", "147258369", "123123123", "789456123", "12345678910", "correcthorsebatterystaple",
    "1234567891011", "12345678901234", "11111111111111", "00000000000000", "qwertyuiopasdf", "qwertyuiopasdfgh", "abcdefghijklmn",
    "passwordpassword", "matkhaumatkhau", "adminadminadmin",
];
