"""spot-flaw-c: which line of a C file is the flawed one?

Real-looking code of 35–47 numbered lines with exactly one planted flaw; the answer is its line number. Each template
holds several places where a flaw can be planted (wrong bound, off by one, missing NUL, signed length, overflow,
format string, use after free, …), so neither the template nor the kind of line gives it away. Chance level: 1 in the
number of lines; 1 in 4 to 5 for who knows the template's places.
"""

from __future__ import annotations

from seatrial.review.benchmarks.core.practice import neutral_c
from seatrial.review.benchmarks.core.practice.spot_flaw_c_text import SETTING, UNQUOTE
from seatrial.review.benchmarks.core.practice.spotting import Language, Spotting, Template

FAMILY = "spot-flaw-c"
_LANGUAGE = Language("C", "c", "c")

_PROMPT = """\
Exactly one line of this C code (64-bit Linux) makes it unsafe; all others are sound. Which one?

```c
{source}
```

End with one line: ANSWER: <line number>
"""


_HELLO = Template(
    """
/* $origin */
#include <stdint.h>
#include <string.h>

?1 #define ${MAX}_VERSION $version
#define $MAX $cap

struct $rec {
    char name[$MAX];
    uint8_t key[16];
    size_t key_len;
?2     uint32_t flags;
};

/* Packet: name length (1 byte), name, key length (1 byte), key. */
int read_$rec(struct $rec *out, const uint8_t *p, size_t n)
{
    size_t len;

    if (n < 2)
        return -1;
?2     out->flags = 0;
    len = *p++;
    n--;
    if (len >= sizeof out->name || len >= n)
~~> if (len > sizeof out->name || len >= n)
~~> if (len >= sizeof out->name || len > n)
        return -1;
    memcpy(out->name, p, len);
    out->name[len] = '\\0';
~~> out->name[sizeof out->name] = '\\0';
    p += len;
    n -= len;
    len = *p++;
    n--;
    if (len > sizeof out->key || len > n)
~~> if (len > sizeof out->name || len > n)
        return -1;
    memcpy(out->key, p, len);
~~> memcpy(out->key, p, n);
    out->key_len = len;
    return 0;
}
""",
    lambda draw: {
        "rec": draw.pick(("hello", "peer", "join", "greeting", "login")),
        "MAX": draw.pick(("NAME_MAX_LEN", "PEER_NAME", "NAME_SIZE")),
        "cap": 8 * draw.between(3, 8),
        "version": draw.between(1, 9),
    },
)

_EXPIRY = Template(
    """
/* $origin */
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

struct $node {
    struct $node *next;
    char *$user;
    size_t size;
    time_t seen;
};

?1 /* Newest first. */
int add_$node(struct $node **head, const char *$user, size_t size, time_t now)
{
    struct $node *n = malloc(sizeof *n);
~~> struct $node *n = malloc(sizeof n);

    if (n == NULL)
        return -1;
    n->$user = malloc(strlen($user) + 1);
~~> n->$user = malloc(strlen($user));
    if (n->$user == NULL) {
        free(n);
~~> free(n), free(n->$user);
        return -1;
    }
    strcpy(n->$user, $user);
    n->size = size, n->seen = now, n->next = *head;
    *head = n;
    return 0;
}

?2 /* Drops what was not seen for `limit` seconds. */
void expire(struct $node **link, size_t *total, time_t now, time_t limit)
{
    while (*link != NULL) {
        struct $node *n = *link;

        if (now - n->seen > limit) {
            *link = n->next, *total -= n->size;
            syslog(LOG_INFO, "%s expired", n->$user);
~~> syslog(LOG_INFO, n->$user);
            free(n->$user);
            free(n);
~~> free(n), n->seen = 0;
        } else {
            link = &n->next;
        }
    }
}
""",
    lambda draw: {
        "node": draw.pick(("session", "lease", "ticket", "cached", "guest")),
        "user": draw.pick(("user", "owner", "client", "holder")),
    },
)

_IMAGE = Template(
    """
/* $origin */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct $img {
    uint32_t width, height;
    uint8_t *pixels;
};

/* `data` holds rows of $bpp bytes a pixel, the lowest first; the copy has the highest first. */
struct $img *$load(const uint8_t *data, size_t size, uint32_t width, uint32_t height)
{
    size_t stride, total;
    struct $img *im;

    if (width == 0 || height == 0 || width > $max || height > $max)
        return NULL;
?1     if (data == NULL)
?1         return NULL;
    stride = (size_t)width * $bpp;
    total = stride * height;
~~> total = (uint32_t)stride * height;
    if (size < total)
~~> if (size < stride)
        return NULL;
    im = malloc(sizeof *im);
~~> im = malloc(sizeof im);
    if (im == NULL)
        return NULL;
    im->pixels = malloc(total);
~~> im->pixels = malloc((size_t)width * height);
    if (im->pixels == NULL) {
        free(im);
        return NULL;
    }
    im->width = width;
    im->height = height;
?2     /* Row 0 of the copy is the last row of the data. */
    for (uint32_t y = 0; y < height; y++)
~~> for (uint32_t y = 0; y <= height; y++)
        memcpy(im->pixels + y * stride, data + (height - 1 - y) * stride, stride);
    return im;
}
""",
    lambda draw: {
        "img": draw.pick(("image", "bitmap", "texture", "canvas")),
        "load": draw.pick(("load_flipped", "copy_rows", "import_rows", "from_bottom_up")),
        "bpp": draw.between(3, 4),
        "max": 1000 * draw.between(40, 60),
    },
)

_FRAME = Template(
    """
/* $origin */
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#define $MAX $max

struct $msg {
    uint32_t kind;
    char body[$MAX + 1];
};

static int receive(int fd, void *to, size_t want)
{
    size_t have = 0;

    while (have < want) {
        ssize_t got = recv(fd, (char *)to + have, want - have, 0);
~~> ssize_t got = recv(fd, (char *)to + have, want, 0);

        if (got <= 0)
~~> if (got == 0)
            return -1;
        have += (size_t)got;
    }
    return 0;
}

?1 /* 0, or -1 when the peer is gone or breaks the rules. */
/* Frame: kind (1 byte), length of the body (4 bytes, high first), body. */
int $read(int fd, struct $msg *out)
{
    uint8_t head[5];
    uint32_t len;
~~> int32_t len;

    if (receive(fd, head, sizeof head) != 0)
        return -1;
    out->kind = head[0];
    len = (uint32_t)head[1] << 24 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 8 | head[4];
    if (len > $MAX)
~~> if (len > $MAX + 1)
~~> if (len > sizeof *out)
        return -1;
    if (receive(fd, out->body, len) != 0)
        return -1;
    out->body[len] = '\\0';
    return 0;
}
""",
    lambda draw: {
        "MAX": draw.pick(("BODY_MAX", "FRAME_MAX", "MESSAGE_MAX")),
        "max": 256 * draw.between(1, 8),
        "msg": draw.pick(("message", "frame", "command", "event")),
        "read": draw.pick(("read_frame", "next_message", "receive_frame", "await_message")),
    },
)

_BUFFER = Template(
    """
/* $origin */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define $MAX ((size_t)$limit << 10)

struct $buf {
    uint8_t *data;
    size_t used, room;
};

static int grow(struct $buf *b, size_t need)
{
    size_t room = b->room ? b->room : $start;
    uint8_t *bigger;

    while (room < need)
        room *= 2;
    bigger = realloc(b->data, room);
~~> bigger = realloc(b->data, need / 2);
    if (bigger == NULL)
        return -1;
~~> return free(b->data), -1;
    b->data = bigger;
    b->room = room;
    return 0;
}

?1 /* -1 when it would grow beyond $MAX. */
int $append(struct $buf *b, const void *data, size_t n)
{
    if (n == 0 || n > $MAX - b->used)
        return n == 0 ? 0 : -1;
    if (b->used + n > b->room && grow(b, b->used + n) != 0)
~~> if (n > b->room && grow(b, b->used + n) != 0)
        return -1;
    memcpy(b->data + b->used, data, n);
~~> memcpy(b->data + b->room, data, n);
    b->used += n;
    return 0;
}

/* The buffer may be used again afterwards. */
void $reset(struct $buf *b)
{
    free(b->data);
    b->data = NULL, b->room = b->used = 0;
~~> b->room = b->used = 0;
}
""",
    lambda draw: {
        "MAX": draw.pick(("BUFFER_MAX", "QUEUE_LIMIT", "LOG_LIMIT")),
        "limit": 64 * draw.between(1, 16),
        "start": 32 * draw.between(1, 4),
        "buf": draw.pick(("buffer", "outbox", "journal", "spool")),
        "append": draw.pick(("append", "push_bytes", "write_more", "put")),
        "reset": draw.pick(("reset", "discard", "empty", "release")),
    },
)

TEMPLATES: tuple[Template, ...] = (_HELLO, _EXPIRY, _IMAGE, _FRAME, SETTING, UNQUOTE, _BUFFER)

_SPOTTING = Spotting(FAMILY, _PROMPT, _LANGUAGE, TEMPLATES, neutral_c.TEMPLATES)
make, twin = _SPOTTING.make, _SPOTTING.twin
