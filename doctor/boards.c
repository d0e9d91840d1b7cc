// SPDX-License-Identifier: Apache-2.0
#include "doctor/boards.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/embedded.h"
#include "host/yaml.h"

static const struct chip chips[] = {
    {0xc22817, "MX25R6435F", 8u << 20},   {0xc22817, "MX25R64", 8u << 20},
    {0xc22816, "MX25R3235F", 4u << 20},   {0xc22815, "MX25R1635F", 2u << 20},
    {0xc22019, "MX25L25635F", 32u << 20}, {0xc22018, "MX25L12835F", 16u << 20},
    {0xc22537, "MX25U6435F", 8u << 20},   {0xc22538, "MX25U12835F", 16u << 20},
    {0xc22539, "MX25U25635F", 32u << 20}, {0xc2253a, "MX25U51245G", 64u << 20},
    {0xef4015, "W25Q16", 2u << 20},       {0xef4016, "W25Q32JV", 4u << 20},
    {0xef4016, "W25Q32", 4u << 20},       {0xef4017, "W25Q64", 8u << 20},
    {0xef4018, "W25Q128", 16u << 20},     {0xef4019, "W25Q256", 32u << 20},
    {0xef7018, "W25Q128JV-M", 16u << 20}, {0xef6016, "W25Q32JW", 4u << 20},
    {0xef6018, "W25Q128JW", 16u << 20},   {0xef4020, "W25Q512JV", 64u << 20},
    {0x9d6016, "IS25LP032D", 4u << 20},   {0x9d6017, "IS25LP064D", 8u << 20},
    {0x9d6018, "IS25LP128F", 16u << 20},  {0xc84015, "GD25Q16", 2u << 20},
    {0xc84016, "GD25Q32", 4u << 20},      {0xc84017, "GD25Q64", 8u << 20},
    {0xc84018, "GD25Q128", 16u << 20},    {0xc86519, "GD25WB256", 32u << 20},
    {0xc86019, "GD25LE255E", 32u << 20},  {0xc86019, "GD25LB256", 32u << 20},
    {0x20ba19, "N25Q256A", 32u << 20},    {0x1f8701, "AT25SF321", 4u << 20},
};

static bool same_name(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a == '-' || *a == '_')
            a++;
        while (*b == '-' || *b == '_')
            b++;
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (*a == '\0')
            return true;
    }
}

const struct chip *chip_by_id(uint32_t jedec)
{
    for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++) {
        if (chips[i].jedec == jedec)
            return &chips[i];
    }
    return NULL;
}

const struct chip *chip_by_name(const char *name)
{
    for (size_t i = 0; i < sizeof(chips) / sizeof(chips[0]); i++) {
        if (same_name(chips[i].name, name))
            return &chips[i];
    }
    return NULL;
}

uint64_t chip_capacity(uint32_t jedec)
{
    const struct chip *chip = chip_by_id(jedec);
    uint32_t power = jedec & 0xff;

    if (chip != NULL)
        return chip->bytes;
    return power >= 0x10 && power <= 0x1c ? UINT64_C(1) << power : 0;
}

static uint64_t number(const struct ferry_yaml *map, const char *key)
{
    uint64_t value = 0;

    ferry_yaml_number(ferry_yaml_get(map, key), &value);
    return value;
}

static bool flag(const struct ferry_yaml *map, const char *key)
{
    const char *text = ferry_yaml_text(map, key);

    return text != NULL && strcmp(text, "true") == 0;
}

static void read_flash(struct board_flash *flash, const struct ferry_yaml *map)
{
    const char *jedec = ferry_yaml_text(map, "jedec");

    flash->label = ferry_yaml_text(map, "label");
    flash->node = ferry_yaml_text(map, "node");
    flash->chip = ferry_yaml_text(map, "chip");
    flash->bus = ferry_yaml_text(map, "bus");
    flash->compatible = ferry_yaml_text(map, "compatible");
    flash->status = ferry_yaml_text(map, "status");
    flash->reg = number(map, "reg");
    flash->selects = number(map, "selects");
    flash->bits = number(map, "size");
    flash->frequency = number(map, "frequency");
    flash->exit_dpd = number(map, "exit_dpd");
    flash->lines = ferry_yaml_get(map, "lines") == NULL ? 4 : number(map, "lines");
    flash->jedec = jedec == NULL ? 0 : (uint32_t)strtoul(jedec, NULL, 16);
    flash->sfdp = flag(map, "sfdp");
}

static void read_lists(struct board *board, const struct ferry_yaml *root)
{
    const struct ferry_yaml *list = ferry_yaml_get(root, "targets");
    size_t count = 0;

    for (const struct ferry_yaml_item *item = list == NULL ? NULL : list->items; item != NULL;
         item = item->next) {
        if (count < BOARD_TARGETS_MAX)
            board->targets[count++] = item->value->text;
    }
    list = ferry_yaml_get(root, "alternates");
    for (const struct ferry_yaml_item *item = list == NULL ? NULL : list->items; item != NULL;
         item = item->next) {
        if (board->alternate_count < 4)
            board->alternates[board->alternate_count++] =
                (uint32_t)strtoul(item->value->text, NULL, 16);
    }
}

static void read_board(struct board *board, struct ferry_arena *arena, const char *text)
{
    struct ferry_yaml_error error;
    const struct ferry_yaml *root = ferry_yaml_parse(arena, text, strlen(text), &error);
    const struct ferry_yaml *internal = ferry_yaml_get(root, "internal");
    const struct ferry_yaml *flash = ferry_yaml_get(root, "flash");

    board->name = ferry_yaml_text(root, "name");
    board->title = ferry_yaml_text(root, "title");
    board->soc = ferry_yaml_text(root, "soc");
    board->family = ferry_yaml_text(root, "family");
    board->revision = ferry_yaml_text(root, "revision");
    board->qspi_owner = ferry_yaml_text(root, "qspi_owner");
    board->internal_base = number(internal, "base");
    board->internal_size = number(internal, "size");
    board->page = number(internal, "page");
    board->write = number(internal, "write");
    board->pad = number(root, "pad");
    board->tfm_align = number(root, "tfm_align");
    board->storage = number(root, "storage");
    board->network_core = ferry_yaml_get(root, "network_core") != NULL;
    board->chosen = flag(root, "chosen");
    board->static_layout = flag(root, "static_layout");
    board->has_flash = flash != NULL;
    if (flash != NULL)
        read_flash(&board->flash, flash);
    read_lists(board, root);
}

void boards_load(struct boards *boards, struct ferry_arena *arena)
{
    size_t count = 0;

    while (doctor_embedded_boards[count].name != NULL)
        count++;
    boards->list = ferry_arena_take(arena, (count + 1) * sizeof(*boards->list));
    boards->count = count;
    for (size_t i = 0; i < count; i++)
        read_board(&boards->list[i], arena, doctor_embedded_boards[i].text);
}

/* Whether `name` is `board` or goes on with a separator behind it. */
static bool begins_with_board(const char *name, const char *board)
{
    size_t length = strlen(board);

    return strncmp(name, board, length) == 0 &&
           (name[length] == '\0' || strchr("/_@", name[length]) != NULL);
}

const struct board *boards_find(const struct boards *boards, const char *name)
{
    for (size_t i = 0; name != NULL && i < boards->count; i++) {
        if (begins_with_board(name, boards->list[i].name))
            return &boards->list[i];
    }
    return NULL;
}

static bool is_stem_of(const char *target, const char *stem)
{
    for (; *target != '\0' && *stem != '\0'; target++, stem++) {
        if (*target != *stem && !(*target == '/' && *stem == '_'))
            return false;
    }
    return *target == *stem;
}

bool boards_is_target(const struct boards *boards, const char *stem)
{
    for (size_t i = 0; i < boards->count; i++) {
        const struct board *board = &boards->list[i];

        if (strcmp(board->name, stem) == 0)
            return true;
        for (size_t k = 0; k < BOARD_TARGETS_MAX && board->targets[k] != NULL; k++) {
            if (is_stem_of(board->targets[k], stem))
                return true;
        }
    }
    return false;
}
