"""What a person hears who answers a check call: one sentence, and who it is from."""

from __future__ import annotations

import re

# language: how Twilio's <Say> names it (www.twilio.com/docs/voice/twiml/say), and the words
_WORDS = {
    "en": (
        "en-GB",
        "This is {name}, telephone {number}. This automatic call only looks whether there is a fax"
        " machine at this number. We will not call this number again. Please excuse us. Goodbye.",
    ),
    "de": (
        "de-DE",
        "Hier ist {name}, Telefon {number}. Dieser automatische Anruf prüft nur, ob unter dieser"
        " Nummer ein Faxgerät antwortet. Wir rufen diese Nummer nicht wieder an. Bitte entschuldigen"
        " Sie die Störung. Auf Wiederhören.",
    ),
    "es": (
        "es-ES",
        "Le habla {name}, teléfono {number}. Esta llamada automática solo comprueba si hay un fax en"
        " este número. No volveremos a llamar a este número. Disculpe la molestia. Adiós.",
    ),
    "fr": (
        "fr-FR",
        "Ici {name}, téléphone {number}. Cet appel automatique vérifie seulement si un fax répond à"
        " ce numéro. Nous ne rappellerons pas ce numéro. Veuillez nous excuser. Au revoir.",
    ),
    "it": (
        "it-IT",
        "Qui {name}, telefono {number}. Questa chiamata automatica verifica solo se a questo numero"
        " risponde un fax. Non richiameremo questo numero. Ci scusi. Arrivederci.",
    ),
    "nl": (
        "nl-NL",
        "U spreekt met {name}, telefoon {number}. Deze automatische oproep kijkt alleen of op dit"
        " nummer een fax antwoordt. Wij bellen dit nummer niet meer. Neem ons niet kwalijk. Tot"
        " ziens.",
    ),
    "pl": (
        "pl-PL",
        "Tu {name}, telefon {number}. To automatyczne połączenie sprawdza tylko, czy pod tym numerem"
        " odbiera faks. Nie zadzwonimy więcej pod ten numer. Przepraszamy. Do widzenia.",
    ),
    "pt": (
        "pt-PT",
        "Fala {name}, telefone {number}. Esta chamada automática verifica apenas se há um fax neste"
        " número. Não voltaremos a ligar para este número. Pedimos desculpa. Adeus.",
    ),
    "ru": (
        "ru-RU",
        "Это {name}, телефон {number}. Этот автоматический звонок лишь проверяет, отвечает ли по"
        " этому номеру факс. Мы больше не будем звонить по этому номеру. Извините за беспокойство."
        " До свидания.",
    ),
    "ja": (
        "ja-JP",
        "こちらは{name}です。電話番号は{number}です。これは、この番号にファックスがあるかを確認するだけの自動"
        "電話です。この番号には二度とおかけしません。失礼いたしました。",
    ),
    "ko": (
        "ko-KR",
        "{name}입니다. 전화번호는 {number}입니다. 이 자동 전화는 이 번호에 팩스가 있는지만 확인합니다. 이"
        " 번호로 다시 전화하지 않겠습니다. 죄송합니다. 안녕히 계십시오.",
    ),
    "zh": (
        "zh-CN",
        "这里是{name},电话{number}。此自动呼叫仅用于确认该号码是否为传真机。我们不会再拨打此号码。打扰了,再见。",
    ),
}


def twiml(name: str, number: str, language: str) -> str:
    """What Twilio speaks, as TwiML: in the language of the letter, or in English where we have no
    words of it. The number is spoken digit by digit."""
    from twilio.twiml.voice_response import VoiceResponse

    spoken, words = _WORDS.get(language.split("-")[0].lower(), _WORDS["en"])
    digits = ", ".join(re.sub(r"\D", "", number))
    response = VoiceResponse()
    response.say(words.format(name=name, number=digits), language=spoken)
    response.hangup()
    return str(response)
