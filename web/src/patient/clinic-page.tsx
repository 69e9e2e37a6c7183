import { useLingui } from "@lingui/react/macro";
import { Link, useParams } from "react-router";
import { api } from "../api/client";
import { language } from "../i18n";
import { Failure } from "../ui/errors";
import { Busy, PageTitle } from "../ui/page";
import { SummaryList } from "../ui/summary-list";
import { Telephone } from "../ui/telephone";
import { languageNames } from "./language-names";
import { clinicName, feeOf, nameOf } from "./service";

/** A clinic: who, what, in which languages, at what fee, and the way to a booking. */
export function ClinicPage() {
  const { t } = useLingui();
  const { facility: id = "" } = useParams();
  const facility = api.useQuery("get", "/api/facilities/{id}", { params: { path: { id } } });
  if (facility.isPending) return <Busy />;
  if (facility.error) return <Failure error={facility.error} retry={() => { void facility.refetch(); }} />;
  const clinic = facility.data;
  return (
    <>
      <p className="back">
        <Link to="/">{t`医療機関の一覧へ`}</Link>
      </p>
      <PageTitle title={clinicName(clinic, language())} />
      <p className="card-kana">{clinic.kana}</p>
      <p className="lead">{language() === "en" && clinic.about_en ? clinic.about_en : clinic.about_ja}</p>
      <h2>{t`予約する診療`}</h2>
      <ul className="cards">
        {clinic.services.map((service) => (
          <li className="card" key={service.id}>
            <h3>{nameOf(service, language())}</h3>
            <p>
              {t`${service.length_min} 分`}
              {" ｜ "}
              {service.insured ? t`保険診療` : t`自費診療`}
            </p>
            <p>{feeOf(service, language())}</p>
            <p className="card-actions">
              <Link className="button button-solid" to={`/clinics/${clinic.id}/times?service=${service.id}`} aria-label={t`${nameOf(service, language())} を予約する`}>
                {t`予約する`}
              </Link>
            </p>
          </li>
        ))}
      </ul>
      <h2>{t`この医療機関について`}</h2>
      <SummaryList rows={[
        { term: t`医師`, value: (
          <ul className="plain">
            {clinic.clinicians.map((doctor) => (
              <li key={doctor.id}>{t`${language() === "en" && doctor.name_en ? doctor.name_en : doctor.name}（医籍登録 ${String(doctor.license_year)} 年）`}</li>
            ))}
          </ul>
        ) },
        { term: t`診療科`, value: clinic.departments.join("・") },
        { term: t`話せることば`, value: languageNames(clinic.languages, language()) },
        { term: t`住所`, value: clinic.address },
      ]} />
      <p><a href={`${clinic.public_page}?lang=${language() === "ja" ? "ja" : "en"}`}>{t`届出と掲示事項を見る`}</a></p>
      <h2>{t`必要なもの`}</h2>
      <ul>
        <li>{t`カメラの付いたスマートフォン、タブレット、またはパソコン`}</li>
        <li>{t`顔写真のある本人確認書類（マイナンバーカード、運転免許証など）`}</li>
        <li>{t`ほかの人に聞かれない静かな場所`}</li>
      </ul>
      <Telephone name={clinic.name} number={clinic.telephone} />
    </>
  );
}
