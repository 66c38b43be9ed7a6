"""The program's own words in a letter, in the letter's language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """What is printed round a letter: `{n}`, `{m}` and `{name}` are filled in."""

    telefax: str
    phone: str
    email: str
    copy: str
    page: str
    notice: str  # on an e-mailed copy
    signed: str  # above the names of those who sign as well
    others: str  # behind them, for those whose names are not printed


WORDS = {
    "en": Words(
        "Telefax", "Telephone", "e-Mail", "Copy to", "Page {n} of {m}",
        "Copy. The original goes to {name}.",
        "Signed also by", "and {n} others",
    ),
    "ar": Words(
        "فاكس", "هاتف", "البريد الإلكتروني", "نسخة إلى", "صفحة {n} من {m}",
        "نسخة. الأصل مرسل إلى {name}.",
        "وقّع أيضًا", "و{n} آخرون",
    ),
    "de": Words(
        "Telefax", "Telefon", "E-Mail", "Kopie an", "Seite {n} von {m}",
        "Kopie. Das Original geht an {name}.",
        "Mitunterzeichnet von", "und {n} weitere",
    ),
    "es": Words(
        "Fax", "Teléfono", "Correo electrónico", "Copia a", "Página {n} de {m}",
        "Copia. El original se envía a {name}.",
        "Firman también", "y {n} más",
    ),
    "fa": Words(
        "نمابر", "تلفن", "رایانامه", "رونوشت به", "صفحهٔ {n} از {m}",
        "رونوشت. اصل نامه برای {name} فرستاده می‌شود.",
        "همچنین امضا شده توسط", "و {n} نفر دیگر",
    ),
    "fr": Words(
        "Télécopie", "Téléphone", "Courriel", "Copie à", "Page {n} sur {m}",
        "Copie. L’original est adressé à {name}.",
        "Également signé par", "et {n} autres",
    ),
    "he": Words(
        "פקס", "טלפון", "דוא״ל", "העתק אל", "עמוד {n} מתוך {m}",
        "העתק. המקור נשלח אל {name}.",
        "חתומים גם", "ועוד {n}",
    ),
    "it": Words(
        "Fax", "Telefono", "E-mail", "Copia a", "Pagina {n} di {m}",
        "Copia. L’originale è inviato a {name}.",
        "Firmato anche da", "e altri {n}",
    ),
    "ja": Words(
        "ファクス", "電話", "メール", "写し送付先", "{n}/{m}ページ",
        "写し。原本の宛先：{name}",
        "連名", "ほか{n}名",
    ),
    "ko": Words(
        "팩스", "전화", "이메일", "사본 수신", "{n}/{m}쪽",
        "사본. 원본 수신: {name}",
        "공동 서명", "외 {n}명",
    ),
    "nl": Words(
        "Fax", "Telefoon", "E-mail", "Kopie aan", "Pagina {n} van {m}",
        "Kopie. Het origineel gaat naar {name}.",
        "Mede ondertekend door", "en {n} anderen",
    ),
    "pl": Words(
        "Faks", "Telefon", "E-mail", "Kopia", "Strona {n} z {m}",
        "Kopia. Adresat oryginału: {name}.",
        "Podpisali także", "i {n} innych",
    ),
    "pt": Words(
        "Fax", "Telefone", "E-mail", "Cópia para", "Página {n} de {m}",
        "Cópia. O original é enviado a {name}.",
        "Assinam também", "e mais {n}",
    ),
    "ru": Words(
        "Факс", "Телефон", "Эл. почта", "Копия", "Страница {n} из {m}",
        "Копия. Адресат оригинала: {name}.",
        "Подписали также", "и ещё {n}",
    ),
    "tr": Words(
        "Faks", "Telefon", "E-posta", "Bilgi", "Sayfa {n} / {m}",
        "Kopya. Aslının gönderildiği kişi: {name}.",
        "Ayrıca imzalayanlar", "ve {n} kişi daha",
    ),
    "uk": Words(
        "Факс", "Телефон", "Ел. пошта", "Копія", "Сторінка {n} з {m}",
        "Копія. Адресат оригіналу: {name}.",
        "Підписали також", "і ще {n}",
    ),
    "zh": Words(
        "传真", "电话", "电子邮件", "抄送", "第 {n} 页，共 {m} 页",
        "副本。正本寄送：{name}",
        "共同签名", "另有{n}人",
    ),
    "zh-hant": Words(
        "傳真", "電話", "電子郵件", "副本", "第 {n} 頁，共 {m} 頁",
        "副本。正本寄送：{name}",
        "共同簽名", "另有{n}人",
    ),
}  # fmt: skip
_TRADITIONAL = ("zh-tw", "zh-hk", "zh-mo", "zh-hant")


def words(language: str) -> Words:
    """Our words in a language, or in English where we have none."""
    tag = language.lower()
    if tag.startswith(_TRADITIONAL):
        return WORDS["zh-hant"]
    return WORDS.get(tag.split("-")[0], WORDS["en"])
