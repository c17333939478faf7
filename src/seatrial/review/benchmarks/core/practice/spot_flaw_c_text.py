"""Two of spot-flaw-c's templates, about text: settings line by line, and form fields."""

from __future__ import annotations

from seatrial.review.benchmarks.core.practice.spotting import Template

SETTING = Template(
    """
/* $origin */
#include <ctype.h>
#include <string.h>

#define $MAX $most

struct $conf {
    char key[$MAX][$keycap];
    char value[$MAX][$valuecap];
    unsigned used;
};

/* Takes one line "key = value"; 0 when it was stored. */
int $store(struct $conf *c, const char *line)
{
    const char *eq = strchr(line, '=');
    size_t len;

?1     if (line[0] == '#')
?1         return 0;
    if (eq == NULL || c->used >= $MAX)
~~> if (eq == NULL || c->used > $MAX)
~~> if (c->used >= $MAX)
        return -1;
    len = (size_t)(eq - line);
    while (len > 0 && isspace((unsigned char)line[len - 1]))
~~> while (isspace((unsigned char)line[len - 1]))
        len--;
    if (len == 0 || len >= sizeof c->key[0])
~~> if (len == 0 || len > sizeof c->key[0])
        return -1;
    memcpy(c->key[c->used], line, len);
    c->key[c->used][len] = '\\0';
    eq++;
    while (isspace((unsigned char)*eq))
        eq++;
    len = strlen(eq);
    if (len >= sizeof c->value[0])
~~> if (len >= sizeof c->value)
        return -1;
    memcpy(c->value[c->used], eq, len + 1);
~~> memcpy(c->value[c->used], eq, sizeof c->value[0]);
?2     /* Only now is the slot taken. */
    c->used++;
    return 0;
}
""",
    lambda draw: {
        "MAX": draw.pick(("SETTINGS_MAX", "MAX_PAIRS", "ENTRIES")),
        "most": draw.between(8, 40),
        "keycap": 8 * draw.between(2, 4),
        "valuecap": 16 * draw.between(3, 8),
        "conf": draw.pick(("settings", "config", "options", "table")),
        "store": draw.pick(("store_line", "parse_setting", "add_pair", "take_line")),
    },
)

UNQUOTE = Template(
    """
/* $origin */
#include <stddef.h>

?1 /* Value of a hex digit, or -1. */
static int $hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Undoes %XX and '+' of a form field; returns the length or -1. `dst` has room for `cap` bytes. */
int $unquote(char *dst, size_t cap, const char *src)
{
    size_t used = 0;

    if (cap == 0)
~~> if (dst == NULL)
        return -1;
    while (*src != '\\0') {
        if (used + 1 >= cap)
~~> if (used >= cap)
~~> if (used > cap + 1)
            return -1;
        if (*src == '%') {
            int high = $hex(src[1]);
            int low = high < 0 ? -1 : $hex(src[2]);
~~> int low = $hex(src[2]);

            if (low < 0 || high < 0)
                return -1;
            dst[used++] = (char)(high * 16 + low);
            src += 3;
        } else {
            dst[used++] = *src == '+' ? ' ' : *src;
            src++;
~~> src += *src == '+' ? 2 : 1;
        }
    }
?2     /* There is always room for the end. */
    dst[used] = '\\0';
~~> dst[cap] = '\\0';
    return (int)used;
}
""",
    lambda draw: {
        "hex": draw.pick(("hex", "nibble", "digit", "hexval", "value_of")),
        "unquote": draw.pick(("unquote", "decode_field", "url_decode", "form_value", "unescape")),
    },
)
