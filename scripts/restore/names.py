"""Make up sentences around names of people and places: running text of free licence holds few of them.

People are names of jieba's dictionary, and a surname with a given name of another;
places are the provinces, cities, districts and streets of China.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import jieba
import numpy as np

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚"
    "谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦"
)
RECOMBINED = 0.5  # of the people: a surname and a given name that do not stand together in the dictionary
LISTED = 4  # names of one sentence at most
SENTENCES = 60_000  # around people
PEOPLE = (
    "{}、{}、{}等人参加了会议", "{}说：“好的。”", "“我不知道。”{}回答", "记者{}报道", "{}、{}（女）、{}、{}", "{}教授认为", "{}和{}是同学",
    "主任{}表示", "{}先生，您好", "我叫{}，来自外地", "被告人{}与原告{}", "{}同志主持", "导演{}的新片", "{}出生于农村", "请{}老师发言",
    "作者：{}", "译者：{}、{}", "{}医生建议", "在{}的带领下", "客户{}与销售{}", "工程师{}提出了方案", "{}看了{}一眼", "{}把文件交给{}",
    "联系人：{}", "{}走了过来，{}也笑了", "组长{}、组员{}和{}", "据{}介绍", "{}的妈妈", "由{}负责，{}协助", "小{}，你来一下",
)
PLACES = (
    "{0}{1}{2}{3}", "{1}{2}{3}", "位于{1}{2}的{3}", "{2}下辖{3}", "从{1}到{0}其他地方", "家住{2}{3}", "{3}属于{1}{2}管辖", "{0}{1}发生的事",
    "在{1}工作，在{2}居住", "{2}人民政府", "{3}居民委员会", "地址：{0}{1}{2}{3}", "{1}中级人民法院", "去{2}旅游", "{3}派出所",
)


def people() -> tuple[list[str], list[str]]:
    """(names of two or three characters in jieba's dictionary, their given names)."""
    names = []
    with Path(jieba.__file__).with_name("dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, _, tag = line.rstrip("\n").rsplit(" ", 2)
            if tag == "nr" and len(word) in (2, 3) and word[0] in SURNAMES:
                names.append(word)
    return names, [name[1:] for name in names]


def divisions(data: bytes) -> Iterator[tuple[str, str, str, str]]:
    """Province, city, district and street, from nested JSON objects that end in lists."""
    for province, cities in json.loads(data).items():
        for city, districts in cities.items():
            for district, streets in districts.items():
                yield from ((province, city, district, street) for street in streets)


def texts(data: bytes, seed: int = 2) -> Iterator[str]:
    """One sentence each: `SENTENCES` around people, two for every street in `data`."""
    generator = np.random.default_rng(seed)
    known, given = people()

    def person() -> str:
        name = known[generator.integers(len(known))]
        return name[0] + given[generator.integers(len(given))] if generator.random() < RECOMBINED else name

    for _ in range(SENTENCES):
        yield PEOPLE[generator.integers(len(PEOPLE))].format(*(person() for _ in range(LISTED))) + "。"
    for parts in divisions(data):
        for which in generator.integers(len(PLACES), size=2):
            yield PLACES[which].format(*parts) + "。"
