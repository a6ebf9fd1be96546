"""Names for simulated students, in many scripts.

A given and a family name are drawn apart, both common or made up, so that a pair means nobody in
particular. Every one of them passes registration.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Naming:
    """The names of one language, and how they are put together."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    family_first: bool = False
    joint: str = " "

    def draw(self, rng: Random) -> str:
        """A whole name."""
        parts = [rng.choice(self.given), rng.choice(self.family)]
        return self.joint.join(reversed(parts) if self.family_first else parts)


NAMINGS: tuple[Naming, ...] = (
    Naming(
        ("Žofia", "Ľubica", "Matej", "Šimon", "Zuzana", "Ondrej"), ("Hronček", "Ďurišová", "Kráľ", "Lúčny")
    ),
    Naming(("Anežka", "Jiří", "Kateřina", "Řehoř"), ("Vávra", "Růžičková", "Šťastný", "Dvořáčková")),
    Naming(("Amelia", "Owen", "Ruth", "Callum"), ("Whitfield", "Ashdown", "O'Dell", "Marsh-Lane")),
    Naming(("Zoë", "Jérôme", "Éloïse", "Benoît"), ("Lefèvre", "Garçon", "d'Aubray", "Hérault")),
    Naming(("Jürgen", "Änne", "Sören", "Käthe"), ("Größl", "Weiß", "Lüttich", "Öhler")),
    Naming(("Łucja", "Paweł", "Świętosława", "Michał"), ("Źrebiec", "Kołodziej", "Wąsik", "Gądek")),
    Naming(("Ágnes", "Béla", "Zsófia", "Gyöngyi"), ("Szűcs", "Hegedűs", "Kőrösi"), family_first=True),
    Naming(("Åsa", "Björn", "Liv", "Øystein"), ("Sjöö", "Håkansson", "Bjørnstad", "Lindqvist")),
    Naming(("Guðrún", "Þór", "Sólveig"), ("Ægisdóttir", "Ólafsson", "Þórðardóttir")),
    Naming(("Lucía", "Íñigo", "Begoña"), ("Peñalver Ruiz", "Núñez Ibáñez", "Zúñiga")),
    Naming(("Çağla", "Işıl", "Görkem", "Ümit"), ("Yıldızlı", "Gökçeoğlu", "Şimşekçi")),  # noqa: RUF001
    Naming(("Олена", "Тарас", "Ївга", "Євген"), ("Гайовий", "Щербина", "Ґудзь", "Коваль")),  # noqa: RUF001
    Naming(("Άννα", "Νίκος", "Ευθυμία", "Σπύρος"), ("Καλλέργη", "Ψαρράς", "Ξένος")),
    Naming(("ნინო", "გიორგი", "თამარ"), ("ბერიძაშვილი", "ქართველი", "ჯაფარა")),
    Naming(("Անահիտ", "Արամ", "Շուշան"), ("Գրիգորեան", "Հակոբեան", "Տէրեան")),
    Naming(("ليلى", "يوسف", "مريم", "سامي"), ("الحداد", "النجار", "القاضي", "خيّاط")),
    Naming(("נועה", "איתן", "תמר"), ("בן־עמי".replace("־", "-"), "זהבי", "כרמלי")),
    Naming(("अनन्या", "रोहन", "मीरा", "कबीर"), ("शर्मा", "देशपांडे", "त्रिपाठी")),
    Naming(("কৃষ্ণা", "অর্ণব", "মিতালি"), ("চৌধুরী", "ভৌমিক", "দাস")),
    Naming(("கயல்", "அருண்", "மலர்"), ("செல்வன்", "முருகேசன்", "இளங்கோ")),
    Naming(("สมหญิง", "อนันต์", "กานดา"), ("ศรีสุข", "วงศ์ทอง", "ใจดี")),
    Naming(("Linh", "Đức", "Thảo", "Quỳnh"), ("Nguyễn Thị", "Trần Văn", "Phạm"), family_first=True),
    Naming(("晓雯", "子墨", "雨桐", "明轩"), ("欧阳", "林", "赵", "陈"), family_first=True, joint=""),
    Naming(("さくら", "健太", "陽菜", "蓮"), ("山田", "小林", "渡辺"), family_first=True),
    Naming(("서연", "민준", "지우"), ("김", "박", "남궁"), family_first=True, joint=""),
    Naming(("ሰላም", "ዳዊት", "ህሊና"), ("ተስፋዬ", "ገብረ", "አበበ")),
    Naming(("Adébáyò", "Títílayọ̀", "Ṣadé"), ("Ògúnlẹ́yẹ", "Akíntọ́lá", "Ọláwálé")),
)


def student_name(rng: Random) -> str:
    """A name of 2 to 100 characters in one of many scripts."""
    return rng.choice(NAMINGS).draw(rng)
