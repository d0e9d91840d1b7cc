// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host/progress.h"

#define REDRAW_MS 100u
#define SAMPLE_MS 500u
#define BAR_MIN   10u
#define BAR_MAX   30u
#define BAR_TEXT  64u /* "uploading [] 100 %  9999 of 9999 KiB  9999.9 KiB/s, 99:59 left" */

void ferry_progress_start(struct ferry_progress *progress, FILE *out, const char *label,
                          uint64_t total, uint64_t now)
{
    struct winsize window;

    memset(progress, 0, sizeof(*progress));
    progress->out = out;
    progress->label = label;
    progress->total = total;
    progress->started = now;
    progress->tenth = -1;
    progress->columns = 80;
    progress->terminal = out != NULL && isatty(fileno(out)) == 1;
    if (progress->terminal && ioctl(fileno(out), TIOCGWINSZ, &window) == 0 && window.ws_col > 0)
        progress->columns = window.ws_col;
}

static void note_sample(struct ferry_progress *progress, uint64_t done, uint64_t now)
{
    unsigned last = (progress->samples - 1) % FERRY_PROGRESS_SAMPLES;

    if (progress->samples > 0 && now - progress->sample[last].time < SAMPLE_MS)
        return;
    progress->sample[progress->samples % FERRY_PROGRESS_SAMPLES].time = now;
    progress->sample[progress->samples % FERRY_PROGRESS_SAMPLES].done = done;
    progress->samples++;
}

uint64_t ferry_progress_rate(const struct ferry_progress *progress, uint64_t done, uint64_t now)
{
    unsigned oldest = progress->samples <= FERRY_PROGRESS_SAMPLES
                          ? 0
                          : progress->samples % FERRY_PROGRESS_SAMPLES;
    uint64_t since = progress->samples > 0 ? progress->sample[oldest].time : progress->started;
    uint64_t from = progress->samples > 0 ? progress->sample[oldest].done : progress->first;

    if (now <= since || done <= from)
        return 0;
    return (done - from) * 1000 / (now - since);
}

static unsigned percent_of(uint64_t done, uint64_t total)
{
    return total == 0 ? 100 : (unsigned)(done * 100 / total);
}

/* "35.2 KiB/s, 0:12 left", or nothing where it is not known. */
static void rate_text(const struct ferry_progress *progress, uint64_t done, uint64_t now,
                      char *text, size_t room)
{
    uint64_t rate = ferry_progress_rate(progress, done, now);
    uint64_t left = rate > 0 ? (progress->total - done + rate - 1) / rate : 0;

    if (rate == 0)
        text[0] = 0;
    else if (done >= progress->total)
        snprintf(text, room, "%.1f KiB/s", (double)rate / 1024);
    else
        snprintf(text, room, "%.1f KiB/s, %u:%02u left", (double)rate / 1024, (unsigned)(left / 60),
                 (unsigned)(left % 60));
}

/* What the numbers leave of the line. */
static unsigned bar_width(unsigned columns)
{
    unsigned left = columns > BAR_TEXT + BAR_MIN ? columns - BAR_TEXT : BAR_MIN;

    return left < BAR_MAX ? left : BAR_MAX;
}

void ferry_progress_text(const struct ferry_progress *progress, uint64_t done, uint64_t now,
                         char *text, size_t room)
{
    char rate[64];
    char bar[BAR_MAX + 1];
    unsigned width = bar_width(progress->columns);
    unsigned filled;

    if (done > progress->total)
        done = progress->total;
    filled = progress->total == 0 ? width : (unsigned)(done * width / progress->total);
    memset(bar, '.', sizeof(bar));
    memset(bar, '#', filled);
    bar[width] = 0;
    rate_text(progress, done, now, rate, sizeof(rate));
    snprintf(text, room, "%s [%s] %3u %%  %llu of %llu KiB  %s", progress->label, bar,
             percent_of(done, progress->total), (unsigned long long)((done + 1023) / 1024),
             (unsigned long long)((progress->total + 1023) / 1024), rate);
}

static void draw(struct ferry_progress *progress, uint64_t done, uint64_t now)
{
    char text[256];
    size_t columns = progress->columns < sizeof(text) ? progress->columns : sizeof(text);

    ferry_progress_text(progress, done, now, text, columns);
    /* Back to the start of the line; what the last text had more of is cleared. */
    fprintf(progress->out, "\r%s\033[K", text);
    fflush(progress->out);
    progress->drawn = now;
}

static void print_line(struct ferry_progress *progress, uint64_t done, uint64_t now)
{
    int tenth = (int)(percent_of(done, progress->total) / 10);
    char rate[64];

    if (tenth <= progress->tenth)
        return;
    progress->tenth = tenth;
    rate_text(progress, done, now, rate, sizeof(rate));
    fprintf(progress->out, "%s: %u %% (%llu of %llu bytes)%s%s\n", progress->label,
            percent_of(done, progress->total), (unsigned long long)done,
            (unsigned long long)progress->total, rate[0] != 0 ? ", " : "", rate);
    fflush(progress->out);
}

void ferry_progress_update(struct ferry_progress *progress, uint64_t done, uint64_t now)
{
    if (!progress->begun) {
        progress->begun = true;
        progress->first = done;
    }
    note_sample(progress, done, now);
    if (progress->out == NULL)
        return;
    if (!progress->terminal)
        print_line(progress, done, now);
    else if (now - progress->drawn >= REDRAW_MS)
        draw(progress, done, now);
}

void ferry_progress_end(struct ferry_progress *progress, uint64_t done, uint64_t now)
{
    if (progress->out == NULL)
        return;
    if (!progress->terminal) {
        print_line(progress, done, now);
        return;
    }
    draw(progress, done, now);
    fputc('\n', progress->out);
    fflush(progress->out);
}
