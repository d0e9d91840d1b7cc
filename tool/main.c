// SPDX-License-Identifier: Apache-2.0
#include "tool/command.h"

int main(int argc, char **argv)
{
    struct ferry_args args;
    int status = ferry_args_parse(&args, argc, argv);

    if (status != FERRY_EXIT_OK || args.command == NULL)
        return status;
    return args.command->run(&args);
}
