/* imghead: describes a PXM picture, an indexed format of our own.
 *
 *   "PXM1", width and height (16 bits, little-endian), then chunks: type (4 letters), length (16 bits), bytes
 *   PALT  colours of three bytes              DATA  runs: count, index; count 0 is followed by a number of raw ones
 *   TILE  width and height of a tile          TEXT  words, ended by a zero byte
 *   CROP  left, top, width, height (bytes)    SCAL  numerator and shift
 *
 * Returns 0, or 2 after one line that begins with "error:".
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct picture {
    unsigned width;
    unsigned height;
    unsigned char *pixels;
    size_t room;
    size_t used;
    unsigned char *colours;
    unsigned colour_count;
    FILE *out;
    const char *error;
};

static int bad(struct picture *p, const char *why)
{
    if (!p->error)
        p->error = why;
    return -1;
}

static unsigned get16(const unsigned char *at)
{
    return at[0] | (unsigned)at[1] << 8;
}

static void put_pixel(struct picture *p, unsigned char index)
{
    p->pixels[p->used] = index;
    p->used++;
}

static unsigned char get_pixel(const struct picture *p, size_t at)
{
    return p->pixels[at];
}

static int make_room(struct picture *p)
{
    size_t room = (size_t)p->width * p->height;
    if (p->width > 512 || p->height > 512)
        return bad(p, "a picture is too large");
    p->room = room;
    p->pixels = calloc(room ? room : 1, 1);
    return p->pixels ? 0 : bad(p, "out of memory");
}

static int read_palette(struct picture *p, const unsigned char *at, size_t length)
{
    if (length == 0 || length % 3 || length > 768)
        return bad(p, "a palette has colours of three bytes");
    unsigned char *more = realloc(p->colours, length);
    if (!more)
        return bad(p, "out of memory");
    memcpy(more, at, length);
    p->colours = more;
    p->colour_count = (unsigned)(length / 3);
    fprintf(p->out, "%u colours\n", p->colour_count);
    return 0;
}

static int read_raw(struct picture *p, const unsigned char *at, size_t count)
{
    if (count > p->room - p->used)
        return bad(p, "there are more pixels than places");
    for (size_t i = 0; i < count; i++)
        put_pixel(p, at[i]);
    return 0;
}

static int read_pixels(struct picture *p, const unsigned char *at, size_t length)
{
    size_t i = 0;
    while (i + 1 < length) {
        unsigned count = at[i], value = at[i + 1];
        i += 2;
        if (count == 0) {
            if (value > length - i)
                return bad(p, "raw pixels are cut short");
            if (read_raw(p, at + i, value))
                return -1;
            i += value;
            continue;
        }
        if (count > p->room - p->used)
            return bad(p, "there are more pixels than places");
        while (count--)
            put_pixel(p, (unsigned char)value);
    }
    return 0;
}

static int show_tiles(struct picture *p, const unsigned char *at, size_t length)
{
    if (length != 4)
        return bad(p, "a tile has a width and a height");
    unsigned width = get16(at), height = get16(at + 2);
    if (width == 0 || height == 0)
        return bad(p, "a tile is flat");
    fprintf(p->out, "%u by %u tiles\n", (p->width + width - 1) / width, (p->height + height - 1) / height);
    return 0;
}

static int show_text(struct picture *p, const unsigned char *at, size_t length)
{
    char *words = malloc(length ? length : 1);
    if (!words)
        return bad(p, "out of memory");
    memcpy(words, at, length);
    if (length == 0 || words[length - 1] != '\0') {
        free(words);
        return bad(p, "a text is not ended");
    }
    fputs("text ", p->out);
    for (const char *w = words; *w; w++)
        fputc(*w >= 0x20 && *w < 0x7f ? *w : '?', p->out);
    fputc('\n', p->out);
    free(words);
    return 0;
}

static int show_crop(struct picture *p, const unsigned char *at, size_t length)
{
    if (length != 4)
        return bad(p, "a crop has four numbers");
    unsigned left = at[0], top = at[1], width = at[2], height = at[3];
    if (left + width > p->width || top + height > p->height)
        return bad(p, "a crop is outside");
    unsigned sum = 0;
    for (unsigned y = top; y < top + height; y++)
        for (unsigned x = left; x < left + width; x++)
            sum += get_pixel(p, (size_t)y * p->width + x);
    fprintf(p->out, "crop %u by %u adds up to %u\n", width, height, sum);
    return 0;
}

static int show_scale(struct picture *p, const unsigned char *at, size_t length)
{
    if (length != 2)
        return bad(p, "a scale has two numbers");
    if (at[1] > 15)
        return bad(p, "a scale is too fine");
    fprintf(p->out, "scaled to %d wide\n", (int)(p->width * at[0]) >> at[1]);
    return 0;
}

static int show_colours(struct picture *p)
{
    unsigned long red = 0, green = 0, blue = 0;
    for (size_t i = 0; i < p->used; i++) {
        unsigned index = get_pixel(p, i);
        if (index >= p->colour_count)
            return bad(p, "a pixel has no colour");
        const unsigned char *colour = p->colours + 3 * index;
        red += colour[0];
        green += colour[1];
        blue += colour[2];
    }
    if (p->used)
        fprintf(p->out, "mean colour %lu %lu %lu\n", red / p->used, green / p->used, blue / p->used);
    return 0;
}

static int read_chunk(struct picture *p, const unsigned char *type, const unsigned char *at, size_t length)
{
    if (!memcmp(type, "PALT", 4))
        return read_palette(p, at, length);
    if (!memcmp(type, "DATA", 4))
        return read_pixels(p, at, length);
    if (!memcmp(type, "TILE", 4))
        return show_tiles(p, at, length);
    if (!memcmp(type, "TEXT", 4))
        return show_text(p, at, length);
    if (!memcmp(type, "CROP", 4))
        return show_crop(p, at, length);
    if (!memcmp(type, "SCAL", 4))
        return show_scale(p, at, length);
    fprintf(p->out, "a chunk of %zu bytes is passed over\n", length);
    return 0;
}

int program_run(const unsigned char *data, size_t size, FILE *out)
{
    struct picture p = {.out = out};
    size_t pos = 8;
    if (size < 8 || memcmp(data, "PXM1", 4)) {
        fputs("error: this is no PXM picture\n", out);
        return 2;
    }
    p.width = get16(data + 4);
    p.height = get16(data + 6);
    fprintf(out, "picture %u by %u\n", p.width, p.height);
    if (make_room(&p) == 0) {
        while (!p.error && size - pos >= 6) {
            const unsigned char *type = data + pos;
            size_t length = get16(data + pos + 4);
            pos += 6;
            if (length > size - pos)
                bad(&p, "a chunk is cut short");
            else
                read_chunk(&p, type, data + pos, length);
            pos += length;
        }
        if (!p.error && p.colours)
            show_colours(&p);
    }
    free(p.pixels);
    free(p.colours);
    if (p.error)
        fprintf(out, "error: %s\n", p.error);
    return p.error ? 2 : 0;
}
