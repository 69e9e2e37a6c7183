//! Archives as the bureaus make them: names in `Shift_JIS` without the flag of UTF-8; and edits of a
//! workbook's parts.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// An archive whose names are in `Shift_JIS`, as the bureaus' are.
pub(crate) fn shift_jis(members: &[(&str, &[u8])]) -> Vec<u8> {
    let encoded: Vec<Vec<u8>> = members
        .iter()
        .map(|(name, _)| {
            let (bytes, _, wrong) = encoding_rs::SHIFT_JIS.encode(name);
            assert!(!wrong, "{name}");
            bytes.into_owned()
        })
        .collect();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    // The writer takes names as text: each gets a stand-in of the same length, replaced below.
    let stand_in = |place: usize| {
        char::from(b'A' + u8::try_from(place).unwrap()).to_string().repeat(encoded[place].len())
    };
    for (place, (_, content)) in members.iter().enumerate() {
        writer.start_file(stand_in(place), SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    let mut bytes = writer.finish().unwrap().into_inner();
    for (place, name) in encoded.iter().enumerate() {
        let placeholder = stand_in(place).into_bytes();
        // Once in the local header and once in the central directory.
        for _ in 0..2 {
            let at = bytes.windows(name.len()).position(|window| window == placeholder).unwrap();
            bytes[at..at + name.len()].copy_from_slice(name);
        }
    }
    bytes
}

/// The parts of an archive.
pub(crate) fn parts(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut from = ZipArchive::new(Cursor::new(archive)).unwrap();
    (0..from.len())
        .map(|index| {
            let mut entry = from.by_index(index).unwrap();
            let name = entry.name().unwrap().into_owned();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            (name, content)
        })
        .collect()
}

/// An archive of these parts.
pub(crate) fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        to.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        to.write_all(content).unwrap();
    }
    to.finish().unwrap().into_inner()
}

/// The same archive with one part rewritten as text.
pub(crate) fn edited(archive: &[u8], part: &str, edit: impl FnOnce(String) -> String) -> Vec<u8> {
    let mut parts = parts(archive);
    let own = parts.iter_mut().find(|(name, _)| name == part).unwrap();
    own.1 = edit(String::from_utf8(std::mem::take(&mut own.1)).unwrap()).into_bytes();
    packed(&parts)
}
