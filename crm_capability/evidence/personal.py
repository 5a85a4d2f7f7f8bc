"""What tells who a respondent is: columns of names, e-mail addresses and phone numbers, and such
within words that are to be printed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# the whole header, after a question's number: "number of phones" is an answer, "phone" is a person
_HEADERS = {
    "names": r"(your |respondent'?s? |customer'?s? |contact )?((full|first|last|family|given|middle|sur|nick)[ _-]?)?name|(您|你)?的?(真实|真實)?(姓名|名字|称呼|稱呼|昵称|暱稱|联系人|聯絡人)",
    "e-mail addresses": r"(your )?e-?mail([ _-]?address)?|(您|你)?的?(电子|電子)?(邮箱|郵箱|邮件|郵件|信箱)(地址)?|recipientemail",
    "phone numbers": r"(your |contact )?(tele|cell|mobile|smart)?[ _-]?(phone|mobile|telephone)?[ _-]?(number|no\.?)?|(您|你)?的?((联系|聯絡|移动|行動)?(电话|電話)(号码?|號碼?)?|(手机|手機)(号码?|號碼?))|(您|你)?的?(微信|wechat|whatsapp|qq|line)[ _-]?(号码?|號碼?|帐号|帳號|id|number)",
}
_PATTERNS = {
    kind: re.compile(
        f"(?:{header})(?:,? please)?\\s*(?:[(（【].*)?[:：?？.。]?\\Z", re.IGNORECASE | re.DOTALL
    )
    for kind, header in _HEADERS.items()
}
_CONTENTS = {
    "e-mail addresses": re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}\Z"),
    "phone numbers": re.compile(
        r"(?:\+\d[\d ()-]{7,}\d|(?:\+?86[ -]?)?1[3-9]\d{9}|0\d{2,3}[ -]\d{7,8}|09\d{2}-?\d{3}-?\d{3})\Z"
    ),
}
# within words more counts as a number to call: seven digits, however they are parted
_WITHIN = {
    "an e-mail address": re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"),
    "a phone number": re.compile(r"(?<!\d)\+?\d(?:[ ().-]{0,2}\d){6,}"),
}
_NOT_A_PERSON = re.compile(r"number\Z|no\.?\Z|\Z", re.IGNORECASE)


def personal(header: str, cells: Iterable[str]) -> str:
    """What kind of personal data a column holds, or nothing.

    >>> personal("Email Address", []), personal("手机部数", ["1部"]), personal("Contact", ["a@b.org"])
    ('e-mail addresses', '', 'e-mail addresses')
    """
    header = header.strip()
    if not _NOT_A_PERSON.match(header):
        for kind, pattern in _PATTERNS.items():
            if pattern.match(header):
                return kind
    given = [cell.strip() for cell in cells if cell.strip()]
    for kind, pattern in _CONTENTS.items():
        if given and 2 * sum(bool(pattern.match(cell)) for cell in given) >= len(given):
            return kind
    return ""


def personal_words(words: str) -> str:
    """What within words tells who wrote them, or nothing. Full-width forms count as their narrow ones.

    >>> personal_words("Call me: 138-0013-8000"), personal_words("Twice in 2024, 3 weeks apart")
    ('a phone number', '')
    """
    plain = unicodedata.normalize("NFKC", words)
    return next((kind for kind, pattern in _WITHIN.items() if pattern.search(plain)), "")
