import { useLingui } from "@lingui/react/macro";
import { api } from "../api/client";
import { language } from "../i18n";

/** The prefectures in the order of their two digits (JIS X 0401), as in English and in Japanese. */
const NAMES = [
  "Hokkaido 北海道", "Aomori 青森県", "Iwate 岩手県", "Miyagi 宮城県", "Akita 秋田県", "Yamagata 山形県", "Fukushima 福島県",
  "Ibaraki 茨城県", "Tochigi 栃木県", "Gunma 群馬県", "Saitama 埼玉県", "Chiba 千葉県", "Tokyo 東京都", "Kanagawa 神奈川県",
  "Niigata 新潟県", "Toyama 富山県", "Ishikawa 石川県", "Fukui 福井県", "Yamanashi 山梨県", "Nagano 長野県", "Gifu 岐阜県",
  "Shizuoka 静岡県", "Aichi 愛知県", "Mie 三重県", "Shiga 滋賀県", "Kyoto 京都府", "Osaka 大阪府", "Hyogo 兵庫県", "Nara 奈良県",
  "Wakayama 和歌山県", "Tottori 鳥取県", "Shimane 島根県", "Okayama 岡山県", "Hiroshima 広島県", "Yamaguchi 山口県",
  "Tokushima 徳島県", "Kagawa 香川県", "Ehime 愛媛県", "Kochi 高知県", "Fukuoka 福岡県", "Saga 佐賀県", "Nagasaki 長崎県",
  "Kumamoto 熊本県", "Oita 大分県", "Miyazaki 宮崎県", "Kagoshima 鹿児島県", "Okinawa 沖縄県",
] as const;

const code = (place: number): string => String(place + 1).padStart(2, "0");

/** A name of the list in the language of the page. */
const inLanguage = (name: string): string => name.split(" ")[language() === "ja" ? 1 : 0] ?? name;

/** The prefecture of two digits in the language of the page; as the server has it where it is none of ours. */
export function prefectureName(digits: string, name: string): string {
  const known = NAMES[Number(digits) - 1];
  return known ? inLanguage(known) : name;
}

/** All prefectures as choices, behind one that says that none was chosen. */
export function usePrefectures(nobody?: string): { value: string; label: string }[] {
  const { t } = useLingui();
  const named = NAMES.map((name, place) => ({ value: code(place), label: inLanguage(name) }));
  return [{ value: "", label: nobody ?? t`選んでください` }, ...named];
}

/** The two digits of the prefecture with which a Japanese address begins; nothing where it begins with none. */
export function prefectureOf(address: string): string {
  const place = NAMES.findIndex((name) => address.startsWith(name.split(" ")[1] ?? name));
  return place < 0 ? "" : code(place);
}

/** The municipalities of a prefecture as choices. */
export function useMunicipalities(prefecture: string): { value: string; label: string }[] {
  const { t } = useLingui();
  const query = api.useQuery("get", "/api/municipalities", { params: { query: { prefecture } } }, { enabled: prefecture !== "", staleTime: Infinity });
  return [{ value: "", label: t`選んでください` }, ...(query.data?.items ?? []).map(({ code: value, name: label }) => ({ value, label }))];
}
