"""What the practice films and their stars are put together from. The one rule: no film and nobody here has ever been.

The shares of countries and the odd dates are those of the real board (a capture of the hundred entries).
"""

from __future__ import annotations

TITLE_BEGINNINGS = ("潮汐", "灯塔", "鲸落", "盐田", "北岸", "浮标", "暗礁", "渔火", "长堤", "海雾")
TITLE_ENDS = ("来信", "往事", "守望者", "的第七个冬天", "漫游记", "之歌", "与陌生人", "谜案", "的孩子们", "不眠夜")
STAR_BEGINNINGS = ("苇", "汐", "澜", "礁", "帆", "鸥", "岬", "渚", "砚", "舲")
STAR_ENDS = ("间听", "生白", "渡野", "行之介", "眠舟", "落霜", "问樵", "未央子")
FOREIGN_STARS = ("安斯加·凯尔普", "芬娜·鲸港", "科沃·暗滩", "古德伦·盐沼", "伊尔马·浮冰", "德尔芬·雾角", "埃斯基·长滩")

#: How often each country follows the date; None: no country is named.
COUNTRIES: dict[str | None, int] = {
    None: 36,
    "美国": 30,
    "日本": 8,
    "中国香港": 6,
    "韩国": 5,
    "英国": 4,
    "法国": 3,
    "意大利": 3,
    "印度": 2,
    "德国": 1,
    "伊朗": 1,
    "法国戛纳": 1,
}
BARE_YEARS = 2
