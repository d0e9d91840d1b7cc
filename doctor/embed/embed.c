// SPDX-License-Identifier: Apache-2.0
/* Build-time: turns text files into C arrays, so that the tool needs no files beside it. */
#include <stdio.h>
#include <string.h>

static int put_file(FILE *out, const char *path)
{
    FILE *in = fopen(path, "rb");
    int c;

    if (in == NULL) {
        fprintf(stderr, "embed: cannot read %s\n", path);
        return 1;
    }
    while ((c = fgetc(in)) != EOF)
        fprintf(out, "%d,", c);
    fclose(in);
    return 0;
}

/* The file's name without folder and extension. */
static int name_of(const char *path, const char **start)
{
    const char *slash = strrchr(path, '/');
    const char *dot;

    *start = slash == NULL ? path : slash + 1;
    dot = strrchr(*start, '.');
    return dot == NULL ? (int)strlen(*start) : (int)(dot - *start);
}

/* embed OUT TABLE FILE... */
int main(int argc, char **argv)
{
    FILE *out = argc < 3 ? NULL : fopen(argv[1], "w");
    int failed = 0;

    if (out == NULL) {
        fprintf(stderr, "usage: embed OUT TABLE FILE...\n");
        return 1;
    }
    fprintf(out, "#include \"doctor/embedded.h\"\n");
    for (int i = 3; i < argc; i++) {
        fprintf(out, "static const char text_%d[] = {", i);
        failed |= put_file(out, argv[i]);
        fprintf(out, "0};\n");
    }
    fprintf(out, "const struct doctor_embedded %s[] = {\n", argv[2]);
    for (int i = 3; i < argc; i++) {
        const char *start;
        int length = name_of(argv[i], &start);

        fprintf(out, "    {\"%.*s\", text_%d},\n", length, start, i);
    }
    fprintf(out, "    {0, 0},\n};\n");
    failed |= fclose(out) != 0;
    return failed;
}
