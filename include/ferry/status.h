// SPDX-License-Identifier: Apache-2.0
/*
 * Every result in Ferry is one of these numbers: 0 is success, everything else is negative.
 *
 * The numbers are stable: they are written to the journal and to retained RAM as the reason of a
 * refusal (one byte, the number without its sign), sent over every transport, and printed by the
 * host tool. A driver's status travels up unchanged. New ones are added, none is ever reused.
 */
#ifndef FERRY_STATUS_H
#define FERRY_STATUS_H

enum ferry_status {
    FERRY_OK = 0,

    /* The caller. */
    FERRY_E_ARGUMENT = -1,    /* a parameter is out of its documented range */
    FERRY_E_RANGE = -2,       /* offset and length leave the region */
    FERRY_E_STATE = -3,       /* the call does not fit what is under way */
    FERRY_E_NO_MEMORY = -4,   /* a buffer the caller gave is too small */
    FERRY_E_UNSUPPORTED = -5, /* this build or this chip cannot do it */

    /* The flash chips. */
    FERRY_E_IO = -10,           /* the bus or the driver below reports an error */
    FERRY_E_TIMEOUT = -11,      /* the chip stayed busy past its own maximum */
    FERRY_E_NO_CHIP = -12,      /* the id reads 000000 or FFFFFF: no chip, no power, wrong pins */
    FERRY_E_CHIP_UNKNOWN = -13, /* an id without SFDP and without a table row */
    FERRY_E_CHIP_SIZE = -14,    /* the chip is smaller than the layout needs */
    FERRY_E_PROTECTED = -15,    /* write enable does not stick, or the blocks are protected */
    FERRY_E_PROGRAM = -16,      /* the chip reports a failed program */
    FERRY_E_ERASE = -17,        /* the chip reports a failed erase */
    FERRY_E_READBACK = -18,     /* what was written does not read back */
    FERRY_E_ECC = -19,          /* a flash word cannot be read (torn ECC unit) */
    FERRY_E_FLOATING = -20,     /* answers change from read to read: a floating or shorted bus */

    /* The image. */
    FERRY_E_IMAGE_MAGIC = -30,       /* no MCUboot image starts here */
    FERRY_E_IMAGE_HEADER = -31,      /* header lengths or flags contradict each other */
    FERRY_E_IMAGE_TLV = -32,         /* a TLV area is malformed or overruns its end */
    FERRY_E_IMAGE_NO_HASH = -33,     /* no SHA-256 TLV, or more than one */
    FERRY_E_IMAGE_HASH = -34,        /* the content does not have the hash its TLV names */
    FERRY_E_IMAGE_UNSIGNED = -35,    /* no signature TLV */
    FERRY_E_IMAGE_KEY = -36,         /* signed, but with none of the keys known here */
    FERRY_E_IMAGE_SIGNATURE = -37,   /* the signature of a known key is wrong */
    FERRY_E_IMAGE_TOO_LARGE = -38,   /* does not fit the primary slot or the store slot */
    FERRY_E_IMAGE_ADDRESS = -39,     /* linked for another address than the primary slot */
    FERRY_E_IMAGE_FLOOR = -40,       /* its security counter is below the floor */
    FERRY_E_IMAGE_UNSUPPORTED = -41, /* encrypted, compressed or of a kind this build lacks */
    FERRY_E_IMAGE_TRUNCATED = -42,   /* the data ends before the image does */
    FERRY_E_IMAGE_DOWNGRADE = -43,   /* older than the image that runs, and that was excluded */

    /* Journal and slots. */
    FERRY_E_JOURNAL_NONE = -50,    /* no readable record */
    FERRY_E_JOURNAL_FOREIGN = -51, /* the newest record does not speak of this device's images */
    FERRY_E_JOURNAL_WRITE = -52,   /* a record could not be appended */
    FERRY_E_SLOT_IN_USE = -53,     /* the slot holds the running image or the way back */
    FERRY_E_SLOT_NONE = -54,       /* no such slot, or none is free */
    FERRY_E_SLOT_EMPTY = -55,      /* the slot holds no complete image */
    FERRY_E_LAYOUT = -56,          /* the layout contradicts itself or the chip */

    /* The update. */
    FERRY_E_OFFSET = -60,      /* data for another offset than the one expected */
    FERRY_E_SIZE = -61,        /* more data than announced, or a size out of bounds */
    FERRY_E_DIGEST = -62,      /* the data received does not have the digest announced */
    FERRY_E_NO_FALLBACK = -63, /* no verified way back exists and none could be made */
    FERRY_E_ON_TRIAL = -64,    /* not while an image is on trial: confirm it first */
    FERRY_E_SAME_IMAGE = -65,  /* this image already runs */
    FERRY_E_PENDING = -66,     /* another request is pending */
    FERRY_E_DENIED = -67,      /* the application's gate or the access lock said no */

    /* What the bootloader did, reported as the reason of the last boot. */
    FERRY_R_TRIAL_FAILED = -70,   /* N attempts without a confirm: went back */
    FERRY_R_TRIAL_POWER = -71,    /* too many power losses without a confirm: went back */
    FERRY_R_UNRECORDED = -72,     /* an attempt could not be recorded: went back */
    FERRY_R_RESTORED = -73,       /* the primary was not valid: restored from the store */
    FERRY_R_NOTHING_BOOTS = -74,  /* no valid image anywhere: recovery */
    FERRY_R_RECOVERY_ASKED = -75, /* recovery by button or request */
    FERRY_R_WENT_BACK = -76,      /* back to the previous image, as asked */
    FERRY_R_TRIAL_STUCK = -77,    /* trial exhausted, but no verified way back: it stays */
    FERRY_R_INSTALL_FAILED = -78, /* the copy did not verify in the primary: went back */
};

/*
 * One sentence for a status, for people: what happened. Static storage, never NULL; an unknown
 * number gives "unknown status". Not linked into a device unless it is called there.
 */
const char *ferry_status_text(int status);

/* The enumerator's name ("FERRY_E_TIMEOUT"), for logs and --json. Never NULL. */
const char *ferry_status_name(int status);

#endif
