import json
import sys


class Config:
    def read(self, text):
        return self.parse(json.loads(text))

    def parse(self, data):
        return [row["a"][3] for row in data]


def main():
    try:
        Config().read(sys.argv[1])
    except IndexError as e:
        raise ValueError("bad config: no\nsuch row") from e
    print(1 / 0)


main()
