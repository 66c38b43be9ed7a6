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


WORDS = {
    "en": Words(
        "Telefax", "Telephone", "e-Mail", "Copy to", "Page {n} of {m}",
        "Copy. The original goes to {name}.",
    ),
    "ar": Words(
        "فاكس", "هاتف", "البريد الإلكتروني", "نسخة إلى", "صفحة {n} من {m}",
        "نسخة. الأصل مرسل إلى {name}.",
    ),
    "de": Words(
        "Telefax", "Telefon", "E-Mail", "Kopie an", "Seite {n} von {m}",
        "Kopie. Das Original geht an {name}.",
    ),
    "es": Words(
        "Fax", "Teléfono", "Correo electrónico", "Copia a", "Página {n} de {m}",
        "Copia. El original se envía a {name}.",
    ),
    "fa": Words(
        "نمابر", "تلفن", "رایانامه", "رونوشت به", "صفحهٔ {n} از {m}",
        "رونوشت. اصل نامه برای {name} فرستاده می‌شود.",
    ),
    "fr": Words(
        "Télécopie", "Téléphone", "Courriel", "Copie à", "Page {n} sur {m}",
        "Copie. L’original est adressé à {name}.",
    ),
    "he": Words(
        "פקס", "טלפון", "דוא״ל", "העתק אל", "עמוד {n} מתוך {m}",
        "העתק. המקור נשלח אל {name}.",
    ),
    "it": Words(
        "Fax", "Telefono", "E-mail", "Copia a", "Pagina {n} di {m}",
        "Copia. L’originale è inviato a {name}.",
    ),
    "ja": Words(
        "ファクス", "電話", "メール", "写し送付先", "{n}/{m}ページ",
        "写し。原本の宛先：{name}",
    ),
    "ko": Words(
        "팩스", "전화", "이메일", "사본 수신", "{n}/{m}쪽",
        "사본. 원본 수신: {name}",
    ),
    "nl": Words(
        "Fax", "Telefoon", "E-mail", "Kopie aan", "Pagina {n} van {m}",
        "Kopie. Het origineel gaat naar {name}.",
    ),
    "pl": Words(
        "Faks", "Telefon", "E-mail", "Kopia", "Strona {n} z {m}",
        "Kopia. Adresat oryginału: {name}.",
    ),
    "pt": Words(
        "Fax", "Telefone", "E-mail", "Cópia para", "Página {n} de {m}",
        "Cópia. O original é enviado a {name}.",
    ),
    "ru": Words(
        "Факс", "Телефон", "Эл. почта", "Копия", "Страница {n} из {m}",
        "Копия. Адресат оригинала: {name}.",
    ),
    "tr": Words(
        "Faks", "Telefon", "E-posta", "Bilgi", "Sayfa {n} / {m}",
        "Kopya. Aslının gönderildiği kişi: {name}.",
    ),
    "uk": Words(
        "Факс", "Телефон", "Ел. пошта", "Копія", "Сторінка {n} з {m}",
        "Копія. Адресат оригіналу: {name}.",
    ),
    "zh": Words(
        "传真", "电话", "电子邮件", "抄送", "第 {n} 页，共 {m} 页",
        "副本。正本寄送：{name}",
    ),
    "zh-hant": Words(
        "傳真", "電話", "電子郵件", "副本", "第 {n} 頁，共 {m} 頁",
        "副本。正本寄送：{name}",
    ),
}  # fmt: skip
_TRADITIONAL = ("zh-tw", "zh-hk", "zh-mo", "zh-hant")


def words(language: str) -> Words:
    """Our words in a language, or in English where we have none."""
    tag = language.lower()
    if tag.startswith(_TRADITIONAL):
        return WORDS["zh-hant"]
    return WORDS.get(tag.split("-")[0], WORDS["en"])
