// SPDX-License-Identifier: Apache-2.0
#include <zephyr/kernel.h>
#include <zephyr/dfu/mcuboot.h>
int main(void)
{
	boot_write_img_confirmed();
	return 0;
}
