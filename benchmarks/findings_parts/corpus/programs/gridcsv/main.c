/* Reads one file, or what comes on standard input, and hands it to the program. */
#include <stdio.h>
#include <stdlib.h>

int program_run(const unsigned char *data, size_t size, FILE *out);

int main(int argc, char **argv)
{
    FILE *in = argc > 1 ? fopen(argv[1], "rb") : stdin;
    if (!in) {
        puts("error: the file cannot be read");
        return 2;
    }
    size_t size = 0, room = 4096;
    unsigned char *all = malloc(room);
    while (all) {
        size_t got = fread(all + size, 1, room - size, in);
        if (got == 0)
            break;
        size += got;
        if (size == room)
            all = realloc(all, room *= 2);
    }
    unsigned char *data = all ? malloc(size ? size : 1) : NULL; /* exactly as long as what was read */
    if (!data) {
        puts("error: out of memory");
        return 2;
    }
    for (size_t i = 0; i < size; i++)
        data[i] = all[i];
    free(all);
    if (in != stdin)
        fclose(in);
    int status = program_run(data, size, stdout);
    free(data);
    return status;
}
