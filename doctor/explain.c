// SPDX-License-Identifier: Apache-2.0
#include "doctor/explain.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/output.h"

enum { VERDICTS_MAX = 64, LINE_SHOWN = 160 };

/* ---- lines ---- */

static const struct explain_row *row_of(const char *line, size_t length)
{
    for (size_t i = 0; i < explain_row_count; i++) {
        for (size_t k = 0; k < 3 && explain_rows[i].needles[k] != NULL; k++) {
            const char *needle = explain_rows[i].needles[k];

            if (memmem(line, length, needle, strlen(needle)) != NULL)
                return &explain_rows[i];
        }
    }
    return NULL;
}

/* Options and code mention words of logs; they are no log. */
static bool is_log_like(const char *line, size_t length)
{
    size_t start = strspn(line, " \t#");

    return start < length && strncmp(line + start, "CONFIG_", 7) != 0 &&
           strncmp(line + start, "SB_CONFIG_", 10) != 0;
}

static void add_hit(struct explanation *in, const struct explain_row *row, const char *meaning,
                    unsigned number, const char *line, size_t length)
{
    struct explain_hit **tail = &in->hits;

    for (; *tail != NULL; tail = &(*tail)->next) {
        if ((*tail)->row == row && (row != NULL || strcmp((*tail)->meaning, meaning) == 0)) {
            (*tail)->count++;
            return;
        }
    }
    while (length > 0 && isspace((unsigned char)*line)) {
        line++;
        length--;
    }
    *tail = ferry_arena_take(&in->arena, sizeof(**tail));
    (*tail)->row = row;
    (*tail)->meaning = meaning;
    (*tail)->line = number;
    (*tail)->count = 1;
    (*tail)->text = ferry_arena_copy(&in->arena, line, length > LINE_SHOWN ? LINE_SHOWN : length);
}

static const char *after(const char *line, size_t length, const char *word)
{
    const char *at = memmem(line, length, word, strlen(word));

    return at == NULL ? NULL : at + strlen(word);
}

/* "rc": 10, rc=8, Error: 23: an SMP client's words for a refusal. */
static void try_smp_error(struct explanation *in, unsigned number, const char *line, size_t length)
{
    static const char *const words[] = {"Error: ", "\"rc\":", "\"rc\": ", "rc: ", "rc=", "err: "};
    bool image = memmem(line, length, "group", 5) != NULL || memmem(line, length, "img", 3) != NULL;

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const char *at = after(line, length, words[i]);
        const char *meaning;
        char *end;
        unsigned long code;

        if (at == NULL || !isdigit((unsigned char)*at))
            continue;
        code = strtoul(at, &end, 10);
        if (isalnum((unsigned char)*end) || *end == '.')
            continue;
        meaning = explain_smp_error(image || code > 13, code);
        if (meaning != NULL)
            add_hit(in, NULL, ferry_arena_format(&in->arena, "SMP error %lu: %s.", code, meaning),
                    number, line, length);
        return;
    }
}

static void read_lines(struct explanation *in, const char *text)
{
    unsigned number = 1;

    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        const struct explain_row *row = is_log_like(text, length) ? row_of(text, length) : NULL;

        if (row != NULL)
            add_hit(in, row, row->meaning, number, text, length);
        else
            try_smp_error(in, number, text, length);
        text += length + (text[length] == '\n');
        number++;
    }
}

/* ---- verdicts ---- */

static const struct finding *finding_of(const struct doctor *doctor, const char *rule)
{
    const struct finding *one = doctor == NULL || rule == NULL ? NULL : doctor->findings.first;

    while (one != NULL && strcmp(one->rule->id, rule) != 0)
        one = one->next;
    return one;
}

static const struct finding *confirmed_by(const struct explanation *in, const char *rule)
{
    const struct finding *finding = finding_of(in->project, rule);

    for (size_t i = 0; i < in->quotes.count && finding == NULL; i++)
        finding = finding_of(in->quotes.list[i], rule);
    return finding;
}

static void add_verdict(struct explanation *in, const struct explain_cause *cause,
                        const struct explain_hit *hit, int score)
{
    struct explain_verdict *verdict = NULL;
    bool confirmed = confirmed_by(in, cause->rule) != NULL;

    for (size_t i = 0; i < in->verdict_count; i++) {
        const struct explain_verdict *old = &in->verdicts[i];

        if (cause->rule != NULL ? old->rule != NULL && strcmp(old->rule, cause->rule) == 0
                                : strcmp(old->text, cause->text) == 0)
            verdict = &in->verdicts[i];
    }
    if (verdict == NULL) {
        if (in->verdict_count >= VERDICTS_MAX)
            return;
        verdict = &in->verdicts[in->verdict_count++];
        verdict->best = INT_MIN;
    }
    if (score > verdict->best) {
        verdict->best = score;
        verdict->rule = cause->rule;
        verdict->text = cause->text;
        verdict->next = hit->row->next;
        verdict->line = hit->line;
    }
    verdict->confirmed |= confirmed;
    verdict->score += score + (confirmed ? 100 : 0);
}

static void judge_lines(struct explanation *in)
{
    for (const struct explain_hit *hit = in->hits; hit != NULL; hit = hit->next) {
        for (int i = 0;
             hit->row != NULL && i < EXPLAIN_CAUSES_MAX && hit->row->causes[i].text != NULL; i++)
            add_verdict(in, &hit->row->causes[i], hit,
                        hit->row->weight == 0 ? 0 : hit->row->weight * 10 - 4 * i);
    }
}

/* Findings that no line points at still count: the configuration alone can name the cause. */
static void judge_findings(struct explanation *in, const struct doctor *doctor)
{
    const struct finding *one = doctor == NULL ? NULL : doctor->findings.first;

    for (; one != NULL; one = one->next) {
        struct explain_cause cause = {one->rule->id, one->rule->title};
        static const struct explain_row no_row = {.next = NULL};
        struct explain_hit hit = {.row = &no_row};
        bool known = false;

        for (size_t i = 0; i < in->verdict_count; i++)
            known |= in->verdicts[i].rule != NULL && strcmp(in->verdicts[i].rule, cause.rule) == 0;
        if (known || one->severity == SEVERITY_NOTE)
            continue;
        hit.row = &no_row;
        add_verdict(in, &cause, &hit, one->severity == SEVERITY_ERROR ? -60 : -85);
    }
}

static int by_score(const void *a, const void *b)
{
    const struct explain_verdict *left = a;
    const struct explain_verdict *right = b;

    if (left->score != right->score)
        return left->score > right->score ? -1 : 1;
    return left->line < right->line ? -1 : left->line > right->line;
}

/* A quotation is not the whole project: what is only missing from it says nothing. */
static bool rests_on_absence(const struct doctor *doctor, const struct finding *finding)
{
    const struct evidence *evidence = finding->evidence;

    if (evidence == NULL || finding->severity == SEVERITY_NOTE)
        return true;
    for (; evidence != NULL; evidence = evidence->next) {
        for (size_t i = 0; i < doctor->tree.count; i++) {
            if (strcmp(doctor->tree.files[i].shown, evidence->file) == 0)
                return false;
        }
    }
    return strcmp(finding->rule->id, "T-02") != 0;
}

static void drop_absences(struct doctor *doctor)
{
    struct finding **at = &doctor->findings.first;

    while (*at != NULL) {
        if (rests_on_absence(doctor, *at))
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
}

void ferry_explain_text(struct explanation *explanation, const char *file, const char *text,
                        struct doctor *project)
{
    memset(explanation, 0, sizeof(*explanation));
    explanation->file = file;
    explanation->project = project;
    explanation->verdicts =
        ferry_arena_take(&explanation->arena, VERDICTS_MAX * sizeof(*explanation->verdicts));
    explain_quoted(&explanation->quotes, text);
    for (size_t i = 0; i < explanation->quotes.count; i++)
        drop_absences(explanation->quotes.list[i]);
    read_lines(explanation, text);
    judge_lines(explanation);
    for (size_t i = 0; i < explanation->quotes.count; i++)
        judge_findings(explanation, explanation->quotes.list[i]);
    judge_findings(explanation, project);
    if (explanation->verdict_count > 1)
        qsort(explanation->verdicts, explanation->verdict_count, sizeof(*explanation->verdicts),
              by_score);
}

void ferry_explain_free(struct explanation *explanation)
{
    explain_quotes_free(&explanation->quotes);
    ferry_arena_free(&explanation->arena);
    memset(explanation, 0, sizeof(*explanation));
}

/* ---- output ---- */

static void print_verdict(FILE *out, const struct explanation *in, size_t rank,
                          const struct explain_verdict *verdict)
{
    const struct finding *finding = confirmed_by(in, verdict->rule);

    fprintf(out, "  %zu. %s%s%s%s\n", rank + 1, verdict->rule == NULL ? "" : verdict->rule,
            verdict->rule == NULL ? "" : "  ", verdict->text,
            verdict->confirmed ? "  [the configuration shows it]" : "");
    if (finding != NULL && finding->evidence != NULL)
        fprintf(out, "       %s%s%.0u: %s\n", finding->evidence->file,
                finding->evidence->line == 0 ? "" : ":", finding->evidence->line,
                finding->evidence->observed);
    if (verdict->next != NULL && rank < 3)
        fprintf(out, "       next: %s\n", verdict->next);
}

static void print_line_number(FILE *out, const struct explain_hit *hit)
{
    fprintf(out, "line %u%s: %s\n", hit->line, hit->count > 1 ? " (and more)" : "", hit->text);
}

static void print_quotes(FILE *out, const struct explanation *explanation)
{
    static const struct output_options plain = {false, false, true};
    bool headed = false;

    for (size_t i = 0; i < explanation->quotes.count; i++) {
        const struct finding *one = explanation->quotes.list[i]->findings.first;

        for (; one != NULL; one = one->next) {
            if (!headed)
                fprintf(out, "What the configuration quoted in the text shows:\n\n");
            headed = true;
            output_finding(out, one, &plain);
        }
    }
}

void ferry_explain_print(FILE *out, const struct explanation *explanation)
{
    size_t shown = 0;

    if (explanation->verdict_count > 0)
        fprintf(out, "Most likely, best first:\n");
    for (size_t i = 0; i < explanation->verdict_count && shown < 10; i++) {
        if (explanation->verdicts[i].score > 0 || i == 0) {
            print_verdict(out, explanation, i, &explanation->verdicts[i]);
            shown++;
        }
    }
    if (explanation->hits != NULL)
        fprintf(out, "\nWhat the lines mean:\n\n");
    for (const struct explain_hit *hit = explanation->hits; hit != NULL; hit = hit->next) {
        print_line_number(out, hit);
        fprintf(out, "    %s\n", hit->meaning);
        for (size_t i = 0;
             hit->row != NULL && i < EXPLAIN_CAUSES_MAX && hit->row->causes[i].text != NULL; i++)
            fprintf(out, "      %s %s\n",
                    hit->row->causes[i].rule == NULL ? "    " : hit->row->causes[i].rule,
                    hit->row->causes[i].text);
        fputc('\n', out);
    }
    print_quotes(out, explanation);
    if (explanation->hits == NULL && explanation->verdict_count == 0)
        fprintf(out,
                "No line in here is known. MCUboot says more with CONFIG_LOG=y and "
                "CONFIG_MCUBOOT_LOG_LEVEL_DBG=y; `ferry doctor` looks at the project itself.\n");
}

json_t *ferry_explain_json(const struct explanation *explanation)
{
    json_t *verdicts = json_array();
    json_t *lines = json_array();
    json_t *quoted = json_array();

    for (size_t i = 0; i < explanation->verdict_count; i++) {
        const struct explain_verdict *one = &explanation->verdicts[i];
        json_t *object = json_pack("{s:s, s:b, s:i}", "cause", one->text, "confirmed",
                                   one->confirmed, "score", one->score);

        if (one->rule != NULL)
            json_object_set_new(object, "rule", json_string(one->rule));
        if (one->next != NULL)
            json_object_set_new(object, "next", json_string(one->next));
        json_array_append_new(verdicts, object);
    }
    for (const struct explain_hit *hit = explanation->hits; hit != NULL; hit = hit->next) {
        json_t *text = json_string(hit->text);

        json_array_append_new(lines, json_pack("{s:i, s:o, s:s, s:i}", "line", (int)hit->line,
                                               "text", text == NULL ? json_string("") : text,
                                               "meaning", hit->meaning, "count", (int)hit->count));
    }
    for (size_t i = 0; i < explanation->quotes.count; i++)
        json_array_append_new(quoted, output_json(explanation->quotes.list[i], false));
    return json_pack("{s:o, s:o, s:o}", "causes", verdicts, "lines", lines, "quoted", quoted);
}

/* ---- images ---- */

static void print_header(FILE *out, const struct image_header *header)
{
    fprintf(out,
            "  version %u.%u.%u+%u, %u bytes behind a header of %u, signature %s\n"
            "  linked for 0x%08x; %s\n",
            header->major, header->minor, header->revision, (unsigned)header->build,
            (unsigned)header->body_size, header->header_size, signature_name(header->signature),
            (unsigned)header->reset_vector,
            header->total == 0 ? "its TLV areas are cut off or malformed"
                               : "header and TLV areas are well-formed");
}

bool ferry_explain_artifact(FILE *out, const struct artifact *artifact)
{
    switch (artifact->kind) {
    case ARTIFACT_LOG:
        return false;
    case ARTIFACT_IMAGE:
        fprintf(out, "%s: an MCUboot image\n", artifact->file);
        print_header(out, &artifact->header);
        break;
    case ARTIFACT_PACKAGE:
        fprintf(out, "%s: a package of %zu image(s)\n", artifact->file, artifact->file_count);
        for (size_t i = 0; i < artifact->file_count; i++) {
            const struct manifest_file *file = &artifact->files[i];

            fprintf(out, " %s, image %lld, %lld bytes\n", file->file == NULL ? "?" : file->file,
                    file->image_index < 0 ? 0 : file->image_index, file->actual_size);
            if (file->has_header)
                print_header(out, &file->header);
        }
        break;
    case ARTIFACT_LEGACY:
        fprintf(out, "%s: a package for the nRF5 SDK's bootloader, not for MCUboot\n",
                artifact->file);
        break;
    case ARTIFACT_DUMP:
        fprintf(out, "%s: %zu bytes, a dump of flash; with --project its slots are looked at\n",
                artifact->file, artifact->length);
        break;
    default:
        fprintf(out, "%s: no update for a device%s%s\n", artifact->file,
                artifact->problem == NULL ? "" : ": ",
                artifact->problem == NULL ? "" : artifact->problem);
        break;
    }
    return true;
}
