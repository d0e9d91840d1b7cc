// SPDX-License-Identifier: Apache-2.0
/*
 * A chip whose SFDP is the input. Whatever it says, the driver starts or refuses, and if it starts
 * it works on blocks inside the size that it names.
 */
#include <stdlib.h>
#include <string.h>

#include "ferry/nor.h"
#include "sim/nor_chip.h"
#include "tests/fuzz/fuzz.h"

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void check_geometry(const struct ferry_geometry *g)
{
    require(g->size >= 4096 && g->page > 0 && (g->page & (g->page - 1)) == 0);
    require(g->erase_types >= 1 && g->erase_types <= FERRY_FLASH_ERASE_TYPES);
    for (uint32_t i = 0; i < g->erase_types; i++) {
        require(g->erase[i].size >= 4096 && g->erase[i].size <= g->size);
        require(i == 0 || g->erase[i].size > g->erase[i - 1].size);
        require(g->erase[i].max_us > 0 && g->erase[i].max_us <= 30000000);
    }
}

/* Their results depend on what the chip makes of the commands; that they end is what counts. */
static void use(const struct ferry_flash *flash)
{
    const struct ferry_region all = {flash, 0, flash->geometry->size};
    uint8_t data[40] = {0};
    uint32_t last = all.length - (uint32_t)sizeof data;
    uint32_t erased;

    require(ferry_region_check(&all) == FERRY_OK);
    (void)ferry_region_erase_step(&all, 0, all.length, 0, &erased);
    (void)ferry_region_program(&all, last, data, sizeof data);
    (void)ferry_region_read(&all, last, data, sizeof data);
    (void)ferry_region_finish(&all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct nor_model model = {.name = "fuzzed",
                                    .id = {0x5E, 0x40, 0x17},
                                    .size = 0x10000,
                                    .page = 256,
                                    .erase = {{0x1000, 0x20, 0x21, 1000, 2000}},
                                    .program_typ_us = 10,
                                    .program_max_us = 20,
                                    .traits = NOR_HAS_RESET | NOR_HAS_4BYTE_MODE |
                                              NOR_HAS_4BYTE_OPCODES | NOR_HAS_VOLATILE_STATUS,
                                    .protect_mask = 0x1C,
                                    .sfdp = data,
                                    .sfdp_length = (uint32_t)size};
    const struct ferry_nor_options options = {.needed_size = 0};
    struct sim_clock time;
    struct ferry_clock clock;
    struct ferry_nor nor;
    struct ferry_flash flash;

    sim_clock_start(&time, &clock);
    struct nor_chip *chip = nor_chip_new(&model, &time, 1);
    struct ferry_spi spi = nor_chip_spi(chip);
    int status = ferry_nor_start(&nor, &spi, &clock, &options, &flash);
    if (status == FERRY_OK) {
        check_geometry(flash.geometry);
        use(&flash);
    } else {
        require(status == FERRY_E_CHIP_UNKNOWN || status == FERRY_E_UNSUPPORTED);
    }
    (void)ferry_nor_stop(&nor);
    require(sim_clock_us(&time) < 200000000);
    nor_chip_free(chip);
    return 0;
}
