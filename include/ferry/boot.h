// SPDX-License-Identifier: Apache-2.0
/*
 * The bootloader: decides what to do, installs, tries, goes back. `ferry_boot_decide` is pure and
 * is the whole policy; `ferry_boot_run` carries out what it says.
 */
#ifndef FERRY_BOOT_H
#define FERRY_BOOT_H

#include "ferry/retained.h"
#include "ferry/store.h"

/* Why the core started. */
enum ferry_reset_cause {
    FERRY_RESET_POWER = 0,    /* power-on, brown-out, wake-up from off, reset pin */
    FERRY_RESET_SOFTWARE = 1, /* asked for by software */
    FERRY_RESET_WATCHDOG = 2,
    FERRY_RESET_LOCKUP = 3,
};

/* What is known of something that takes time to find out. */
enum ferry_known {
    FERRY_UNKNOWN = 0,
    FERRY_GOOD = 1, /* verified in this life: hash, signature, rules */
    FERRY_BAD = 2,
};

/* What is known of one slot's content. */
struct ferry_slot_facts {
    uint8_t known;             /* enum ferry_known */
    uint8_t reason;            /* FERRY_BAD: why, a status without sign */
    uint8_t id[FERRY_ID_SIZE]; /* FERRY_GOOD: of the image in it */
    uint32_t size;             /* FERRY_GOOD: its total size, bytes */
    uint32_t rank;             /* FERRY_GOOD: ferry_version_rank */
    bool install_failed;       /* installing it did not verify in the primary, in this life */
    bool copy_failed;          /* copying the primary into it failed in this life */
};

/*
 * Everything `ferry_boot_decide` looks at. What is asked for most comes first, here and below:
 * Thumb code for fields near the start of a struct is half as long.
 */
struct ferry_boot_facts {
    bool primary_valid;    /* it verifies and is at or above the floor */
    bool store_ready;      /* the chip answers and the layout fits it */
    bool journal_ready;    /* there is a readable record: `state` is it */
    bool journal_writable; /* no append has failed in this life */
    bool install_is_fresh; /* this life has recorded the install: no page was cut off in it */
    bool attempt_recorded; /* this life has recorded its attempt */
    bool recovery_asked;   /* button or boot mode */
    bool went_back;        /* this power-up already went back without a record */
    uint8_t slots;         /* of the layout */
    uint8_t installed;     /* slot that this life has installed and verified, or FERRY_NO_SLOT */
    uint8_t cause;         /* enum ferry_reset_cause */
    uint8_t attempts_max;  /* N of the trial */
    uint8_t power_max;     /* cap for power losses */
    struct ferry_state state;
    uint32_t primary_size;              /* total size of the image in the primary, bytes */
    uint8_t primary[FERRY_SHA256_SIZE]; /* its hash */
    struct ferry_slot_facts slot[FERRY_SLOTS_MAX];
};

enum ferry_boot_action {
    FERRY_DO_BOOT,     /* jump into the primary */
    FERRY_DO_RECOVERY, /* stay and serve; `reason` says why */
    FERRY_DO_VERIFY,   /* verify `slot`, then decide again */
    FERRY_DO_COPY,     /* copy the primary into `slot`, then decide again */
    FERRY_DO_RECORD,   /* append `state`, then decide again */
    FERRY_DO_INSTALL,  /* copy `slot` into the primary, then decide again */
};

struct ferry_boot_decision {
    uint8_t action; /* enum ferry_boot_action */
    uint8_t slot;
    uint8_t reason;           /* to report: a status without sign, 0 = none */
    bool skip_equal;          /* FERRY_DO_INSTALL: pages that are equal already may stay */
    bool unrecorded;          /* FERRY_DO_INSTALL: all of it, no record speaks of it */
    struct ferry_state state; /* FERRY_DO_RECORD: what to append */
};

#define FERRY_ATTEMPTS_DEFAULT       3
#define FERRY_POWER_ATTEMPTS_DEFAULT 16

/* The policy. Pure: same facts, same decision. DESIGN.md has its table. */
void ferry_boot_decide(const struct ferry_boot_facts *facts, struct ferry_boot_decision *decision);

/* What a port provides to the bootloader. Every pointer is mandatory. */
struct ferry_boot_port {
    enum ferry_reset_cause (*reset_cause)(void *context);
    bool (*recovery_asked)(void *context); /* button; called once */
    /*
     * Write-protects the bootloader, its keys and the floor until the next reset, and hands the
     * external chip over. Nothing Ferry runs after it. A port that cannot lock says so by
     * FERRY_E_UNSUPPORTED, which is logged at every boot.
     */
    int (*lock)(void *context);
    void *context;
};

/* One boot. The caller fills the first part; the rest is the bootloader's. */
struct ferry_boot {
    const struct ferry_layout *layout;
    const struct ferry_flash *internal; /* started */
    const struct ferry_flash *external; /* started, or NULL: see external_status */
    int external_status;                /* what starting the external chip came to */
    const struct ferry_keys *keys;
    struct ferry_retained *retained; /* opened by ferry_boot_run */
    const struct ferry_boot_port *port;
    uint8_t *work;        /* copy buffer, 4-byte aligned */
    uint32_t work_size;   /* at least 256; a page of the internal flash is best */
    uint8_t attempts_max; /* 0 = default */
    uint8_t power_max;    /* 0 = default */

    struct ferry_region primary;
    struct ferry_region floor_region;
    uint32_t floor;
    bool floor_redundant;     /* both copies hold it */
    struct ferry_image image; /* of the primary, valid when ferry_boot_run returns FERRY_OK */
    struct ferry_store store;
    uint8_t slots_erased; /* bit n: slot n was erased when its copy was recorded */
    struct ferry_boot_facts facts;
};

/*
 * Runs the whole policy. FERRY_OK: the primary holds `boot->image`, verified; the port has locked;
 * jump. Otherwise a reason (FERRY_R_..., a layout error): enter recovery. Blocks for verification
 * and, if there is one, an install; every wait is bounded and feeds the watchdog.
 */
int ferry_boot_run(struct ferry_boot *boot);

/*
 * The copy: from one region to the start of another, erase block by erase block, two chips at work
 * at a time. Idempotent: what a power cut leaves half done is done again.
 */
struct ferry_copy {
    const struct ferry_region *source;
    const struct ferry_region *destination;
    uint32_t size;        /* bytes */
    uint32_t from_window; /* windows of FERRY_WINDOW before it are certain */
    bool skip_equal;      /* blocks that are equal stay as they are */
    bool erased;          /* the destination is erased: do not erase it again */
    uint8_t *work;        /* 4-byte aligned, split in two halves */
    uint32_t work_size;   /* at least 256 */
    /* Called (may be NULL) when the first `windows` windows are certain in the destination. */
    void (*window_done)(void *context, uint32_t windows);
    void *context;
};

/*
 * Runs the copy; everything written is read back. Blocks for all of it; each wait is bounded by
 * the chips' own maxima. FERRY_OK, FERRY_E_READBACK, or a flash error.
 */
int ferry_copy_run(const struct ferry_copy *copy);

#endif
