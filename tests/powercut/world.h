// SPDX-License-Identifier: Apache-2.0
/*
 * A device, the people around it, and an observer who knows the truth: what was written whole, what
 * was cut off, what was confirmed by whom. The device sees only its flash; the observer's rules are
 * "What must always hold", checked at every operation and at every boot.
 */
#ifndef TESTS_POWERCUT_WORLD_H
#define TESTS_POWERCUT_WORLD_H

#include "images.h"
#include "sim/machine.h"

#define IMAGES 3u /* A, B, C in the order of their versions */
#define NOBODY 0xFFu

/* What somebody wants of the device. */
enum goal_kind {
    GOAL_NONE,
    GOAL_COPY,      /* the running image in the store, made by the application */
    GOAL_UPDATE,    /* `image` on trial, confirmed by itself */
    GOAL_PERMANENT, /* `image` for good */
    GOAL_ROLLBACK,  /* `image` on trial; it resets by watchdog and never confirms */
    GOAL_POWERLOSS, /* `image` on trial; it loses power again and again and never confirms */
    GOAL_BACK,      /* back to the previous image, which is `image` */
    GOAL_SLOT,      /* the image in the store that is `image`, for good: factory reset */
    GOAL_WITHDRAW,  /* uploaded, requested, withdrawn, requested again, confirmed */
    GOAL_RECOVERY,  /* the primary is garbage and so is the store: `image` by recovery */
    GOAL_TRIALBACK, /* `image` on trial asks to go back itself */
};

struct goal {
    enum goal_kind kind;
    uint8_t image;
};

struct scenario {
    const char *name;
    struct goal before[3]; /* reached without a cut first */
    struct goal goal;
    uint32_t fill;   /* records in the journal before it starts, modulo a block */
    bool windows;    /* an image of three windows */
    bool counters;   /* images have security counters 1, 2, 3 */
    bool fill_floor; /* the floor's blocks are nearly full */
    uint8_t slots_min;
};

struct geometry {
    const char *name;
    struct machine_config config;
    uint32_t image_size;
};

extern const struct scenario scenarios[];
extern const uint32_t scenario_count;
extern const struct geometry geometries[];
extern const uint32_t geometry_count;

/* A record that was begun: where, and whether something of it may be left that is not strong. */
struct written {
    uint32_t position, sequence;
    uint64_t hash; /* of the state in it */
    bool weak;
};
#define WRITTEN 64u

/* What the observer knows. Plain data: copied with the world. */
struct truth {
    struct written log[WRITTEN];
    uint32_t logged;
    bool has_strong;
    struct ferry_state strong; /* newest record that was completed */
    uint32_t strong_position;
    uint32_t floor;                        /* highest floor that was completed in both copies */
    uint32_t floor_any;                    /* highest floor that was begun */
    uint32_t floor_copy[2], floor_torn[2]; /* offset + 1 */
    bool floor_broken[2];                  /* its erase was cut off */
    bool unrecorded;        /* the primary was overwritten while a fault was active */
    uint8_t may_stay;       /* bit per image: confirmed, permanent, factory, restored */
    bool tampered;          /* the store's content was changed from outside */
    bool faulty;            /* a fault was active since the last good boot */
    uint32_t trial_runs[2]; /* of the trial under way: after other resets, after power losses */
    uint32_t cuts_on_trial;

    /* Of this life. */
    uint32_t appends;
    uint32_t install_checked;
    uint32_t attempts;
    uint8_t verified; /* bit per image: its signature was checked */
    bool opened;      /* the state the device took was looked at */
    bool settles;     /* the first append of this life is that state again */
    struct ferry_state taken;
    bool primary_was_valid;
};

struct world {
    struct machine machine;
    struct truth truth;
    const struct scenario *scenario;
    const struct geometry *geometry;
    const struct ferry_bytes *image; /* IMAGES of them, shared */
    const uint8_t (*hash)[32];
    struct goal goal;
    uint8_t start; /* image that ran when the goal was set */

    /* What people remember. */
    bool accepted;  /* a request was answered with FERRY_OK and not withdrawn */
    bool tried;     /* the wanted image ran */
    bool confirmed; /* confirm was answered with FERRY_OK */
    bool asked_back, withdrawn, done;
    uint32_t boots, cuts;
    uint32_t fault_boots; /* machine.fault is cleared after so many boots */
    const char *failure;

    void (*before)(struct world *world, const struct machine_op *op); /* or NULL */
};

/* Makes the device of a scenario. Images are shared by all worlds of it. */
void world_init(struct world *w, const struct scenario *scenario, const struct geometry *geometry,
                const struct ferry_bytes *images, const uint8_t (*hashes)[32]);
void world_free(struct world *w);
void world_copy(struct world *to, const struct world *from);

/* Images A, B, C of a scenario and a geometry. */
void world_images(const struct scenario *s, const struct geometry *g,
                  struct ferry_bytes images[IMAGES], uint8_t hashes[IMAGES][32]);

/* Factory, then everything that comes before the goal. False and w->failure if that fails. */
bool world_prepare(struct world *w);

/* Lives until the goal is reached. False: w->failure says what went wrong. */
bool world_play(struct world *w);

/* The image that is whole in the primary or a slot, or NOBODY. */
uint8_t image_in_primary(const struct world *w);
uint8_t image_in_slot(const struct world *w, uint32_t slot);

/* --- observer.c --- */

void fail(struct world *w, const char *sentence);

void observe_life(struct world *w); /* a boot begins */
void observe_boot_end(struct world *w, enum machine_result result);
void observe_opened(struct world *w); /* the device has taken a state: once per life */
void observe_operation(void *world, struct machine *machine, const struct machine_op *op);
void observe_verified(const uint8_t digest[32]);
extern struct world *observed; /* the world that lives at the moment */

/* Whether nothing from outside excuses the device. */
static inline bool is_strict(const struct world *w)
{
    return !w->truth.tampered && !w->truth.faulty && w->machine.fault == FAULT_NONE;
}

/* --- rules.c: what a record may say --- */

void rule_record(struct world *w, const struct ferry_state *before, const struct ferry_state *now,
                 uint32_t position);
void rule_confirmed(struct world *w, const struct ferry_state *s);

#endif
