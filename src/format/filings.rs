//! What each kind of notification asks, from `seeds/filings.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::model::facility::folded;
use crate::model::filing::{Definition, FilingKind};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    misleading: Vec<String>,
    #[serde(rename = "definition")]
    definitions: Vec<Definition>,
}

static SEED: LazyLock<Seed> =
    LazyLock::new(|| toml::from_str(include_str!("../../seeds/filings.toml")).unwrap_or_default());

/// What this kind asks; nothing only where the seed does not have it, which a test forbids.
pub fn definition(kind: FilingKind) -> Option<&'static Definition> {
    SEED.definitions.iter().find(|one| one.kind == kind)
}

/// What all kinds ask.
pub fn definitions() -> &'static [Definition] {
    &SEED.definitions
}

/// The word in a name by which people would take the place for a hospital or a clinic
/// (医療法 3条4項), written in whichever way.
pub fn misleading(name: &str) -> Option<&'static str> {
    let name: String = folded(name).split_whitespace().collect();
    SEED.misleading.iter().find(|word| name.contains(&folded(word))).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::filing::FieldType;

    #[test]
    fn every_kind_is_defined_and_its_conditions_are_about_earlier_choices() {
        assert_eq!(definitions().len(), FilingKind::ALL.len());
        for kind in FilingKind::ALL {
            let of = definition(*kind).unwrap();
            let mut ids: Vec<&str> = of.fields.iter().map(|field| field.id.as_str()).collect();
            ids.extend(of.demands.iter().map(|demand| demand.item.as_str()));
            for (at, id) in ids.iter().enumerate() {
                let word = |b: u8| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit();
                assert!(id.len() <= 40 && id.bytes().all(word), "{id}");
                assert!(!ids[at + 1..].contains(id), "{id} twice");
            }
            for (at, field) in of.fields.iter().enumerate() {
                assert_eq!(
                    field.of == FieldType::Choice,
                    !field.options.is_empty(),
                    "{}",
                    field.id
                );
                if let Some([other, answer]) = &field.shown_when {
                    let other = of.fields[..at].iter().find(|one| one.id == *other).unwrap();
                    assert!(other.options.iter().any(|option| option.id == *answer));
                }
            }
            assert!(of.demands.iter().all(|demand| !demand.source.is_empty()));
        }
        let letters = definition(FilingKind::Criterion).unwrap().demands.iter();
        let letters: String = letters.map(|demand| demand.letter.as_str()).collect();
        assert_eq!(letters, "アイウエ");
    }

    #[test]
    fn a_name_may_not_be_that_of_a_clinic() {
        for bad in ["駅前オンライン診療所", "ｵﾝﾗｲﾝ ｸﾘﾆｯｸ 新宿", "Ekimae CLINIC", "まちの医 院"]
        {
            assert!(misleading(bad).is_some(), "{bad}");
        }
        for good in ["新宿駅オンライン診療受診施設", "みどり郵便局 遠隔ブース", "公民館の診察室"]
        {
            assert_eq!(misleading(good), None, "{good}");
        }
    }
}
