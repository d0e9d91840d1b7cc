// SPDX-License-Identifier: Apache-2.0
/* The least a bootloader is: two chips and one boot. Linked to be weighed, see size.cmake. */
#include "ferry/boot.h"
#include "ferry/nor.h"

extern const struct ferry_spi bench_spi[2];
extern const struct ferry_clock bench_clock;
extern const struct ferry_boot_port bench_boot_port;
extern const struct ferry_layout bench_layout;
extern const struct ferry_keys bench_keys;
extern struct ferry_retained bench_retained;

static struct ferry_nor chips[2];
static struct ferry_flash flash[2];
static struct ferry_boot boot;
static uint8_t work[1024];

int main(void)
{
    const struct ferry_nor_options options = {0};

    boot.layout = &bench_layout;
    boot.internal = &flash[0];
    boot.external = &flash[1];
    boot.keys = &bench_keys;
    boot.retained = &bench_retained;
    boot.port = &bench_boot_port;
    boot.work = work;
    boot.work_size = sizeof work;
    int status = ferry_nor_start(&chips[0], &bench_spi[0], &bench_clock, &options, &flash[0]);
    boot.external_status =
        ferry_nor_start(&chips[1], &bench_spi[1], &bench_clock, &options, &flash[1]);
    if (boot.external_status != FERRY_OK)
        boot.external = NULL;
    if (status == FERRY_OK)
        status = ferry_boot_run(&boot);
    (void)ferry_nor_stop(&chips[1]);
    return status;
}
