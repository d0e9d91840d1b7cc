#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What an install costs in virtual time.
set -euo pipefail
exec build/host/rig
