"""What a form says beside the questionnaire's own words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_WORDS = {
    "introduction": {
        "en": "Thank you for taking part. Your answers help us to serve our customers better. They are "
        "shown only together with those of others, never with your name. You may leave out any question.",
        "zh-Hans": "感谢您参与。您的回答将帮助我们改进客户服务，只与其他人的回答合并统计，不会显示您的姓名。任何题目都可以不回答。",
        "zh-Hant": "感謝您參與。您的回答將幫助我們改善客戶服務，只會與其他人的回答合併統計，不會顯示您的姓名。任何題目都可以不回答。",
    },
    "minutes": {
        "en": "It takes about {minutes} min.",
        "zh-Hans": "填写约需 {minutes} 分钟。",
        "zh-Hant": "填寫約需 {minutes} 分鐘。",
    },
    "respondent": {"en": "Respondent number", "zh-Hans": "答卷编号", "zh-Hant": "問卷編號"},
    "save": {"en": "Save my answers", "zh-Hans": "保存我的回答", "zh-Hant": "儲存我的回答"},
    "next": {"en": "Next respondent", "zh-Hans": "下一位", "zh-Hant": "下一位"},
    "clear": {"en": "Clear", "zh-Hans": "清除", "zh-Hant": "清除"},
    "saved": {
        "en": "Saved as {file}. Please send this file to the people who asked you.",
        "zh-Hans": "已保存为 {file}。请将此文件发给请您填写的人。",
        "zh-Hant": "已儲存為 {file}。請將此檔案傳給請您填寫的人。",
    },
    "number": {
        "en": "Please write a number{range}.",
        "zh-Hans": "请填数字{range}。",
        "zh-Hant": "請填數字{range}。",
    },
    "least": {"en": " from {min}", "zh-Hans": "，不小于 {min}", "zh-Hant": "，不小於 {min}"},
    "most": {"en": " up to {max}", "zh-Hans": "，不大于 {max}", "zh-Hant": "，不大於 {max}"},
    "several": {"en": "Tick all that apply.", "zh-Hans": "可多选。", "zh-Hant": "可複選。"},
    "quoted": {"en": "“{answer}”", "zh-Hans": "“{answer}”", "zh-Hant": "「{answer}」"},
    "or": {"en": " or ", "zh-Hans": "或", "zh-Hant": "或"},
    "only": {
        "en": "Only if {question} was answered with {answers}",
        "zh-Hans": "仅当第 {question} 题选择{answers}时填写",
        "zh-Hant": "僅當第 {question} 題選擇{answers}時填寫",
    },
    "codes": {
        "en": "For typing in: one column a question, the number beside the ticked box.",
        "zh-Hans": "录入时每题一列，填入所选方框旁的编号。",
        "zh-Hant": "登錄時每題一欄，填入所選方框旁的編號。",
    },
}
WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(_WORDS)


def word(name: str, language: str) -> str:
    """A word of the form's own, in a language that has it, else in English."""
    return WORDS[name].get(language) or WORDS[name]["en"]
