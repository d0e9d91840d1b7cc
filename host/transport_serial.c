// SPDX-License-Identifier: Apache-2.0
/* SMP over a serial port or a pty: console framing, raw mode, no flow control. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "ferry/smp_serial.h"
#include "host/link.h"
#include "host/smp_message.h"

#define FRAMING     4u   /* length and CRC count in the device's buffer */
#define MESSAGE_MIN 252u /* the smallest buffer seen in the field is 256 */
#define BAUD        115200ul

struct serial {
    struct ferry_link link;
    char path[4096];
    unsigned long baud;
    int file;
    uint8_t *out; /* bytes not written yet: [out_from, out_to) */
    size_t out_from, out_to, out_size;
    struct ferry_smp_receiver receiver;
    uint8_t in[4096]; /* read but not fed yet: [in_from, in_to) */
    size_t in_from, in_to;
    uint8_t message[FERRY_CLIENT_MESSAGE_MAX + FRAMING];
};

static const struct {
    unsigned long baud;
    speed_t speed;
} speeds[] = {
    {9600, B9600},       {19200, B19200},     {38400, B38400},     {57600, B57600},
    {115200, B115200},   {230400, B230400},   {460800, B460800},   {500000, B500000},
    {576000, B576000},   {921600, B921600},   {1000000, B1000000}, {1152000, B1152000},
    {1500000, B1500000}, {2000000, B2000000}, {2500000, B2500000}, {3000000, B3000000},
    {3500000, B3500000}, {4000000, B4000000},
};

uint64_t ferry_link_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static bool find_speed(unsigned long baud, speed_t *speed)
{
    for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++) {
        if (speeds[i].baud == baud) {
            *speed = speeds[i].speed;
            return true;
        }
    }
    return false;
}

static int set_up(int file, unsigned long baud)
{
    struct termios settings;
    speed_t speed;

    if (tcgetattr(file, &settings) != 0)
        return -errno;
    if (!find_speed(baud, &speed))
        return -EINVAL;
    cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    settings.c_cflag &= ~(tcflag_t)(CRTSCTS | CSTOPB);
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    if (cfsetispeed(&settings, speed) != 0 || cfsetospeed(&settings, speed) != 0 ||
        tcsetattr(file, TCSANOW, &settings) != 0)
        return -errno;
    return tcflush(file, TCIOFLUSH) == 0 ? 0 : -errno;
}

static int queue(struct serial *serial, const void *data, size_t length)
{
    if (serial->out_from == serial->out_to)
        serial->out_from = serial->out_to = 0;
    if (serial->out_to + length > serial->out_size) {
        size_t size = 2 * (serial->out_to + length);
        uint8_t *bigger = realloc(serial->out, size);

        if (bigger == NULL)
            return -ENOMEM;
        serial->out = bigger;
        serial->out_size = size;
    }
    memcpy(serial->out + serial->out_to, data, length);
    serial->out_to += length;
    return 0;
}

static int open_port(struct serial *serial)
{
    int status;

    serial->file = open(serial->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (serial->file < 0)
        return -errno;
    status =
        flock(serial->file, LOCK_EX | LOCK_NB) != 0 ? -EBUSY : set_up(serial->file, serial->baud);
    if (status != 0) {
        close(serial->file);
        serial->file = -1;
        return status;
    }
    serial->out_from = serial->out_to = 0;
    serial->in_from = serial->in_to = 0;
    ferry_smp_receiver_start(&serial->receiver, serial->message, sizeof(serial->message));
    /* Ends a half line that may be lying in the device's receiver. */
    return queue(serial, "\n", 1);
}

static int serial_send(struct ferry_link *link, const uint8_t *message, size_t length)
{
    struct serial *serial = (struct serial *)link;
    struct ferry_smp_sender sender;
    char line[128];
    size_t count;

    if (serial->file < 0)
        return -ENODEV;
    ferry_smp_sender_start(&sender, message, length);
    while ((count = ferry_smp_sender_line(&sender, line)) > 0) {
        int status = queue(serial, line, count);

        if (status != 0)
            return status;
    }
    return 0;
}

static bool take_message(struct serial *serial, const uint8_t **message, size_t *length)
{
    while (serial->in_from < serial->in_to) {
        uint8_t byte = serial->in[serial->in_from++];

        if (ferry_smp_receiver_feed(&serial->receiver, byte, message, length))
            return true;
    }
    return false;
}

static int read_some(struct serial *serial)
{
    ssize_t count = read(serial->file, serial->in, sizeof(serial->in));

    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    if (count == 0)
        return -EIO; /* readable, but nothing there: the port has vanished */
    serial->in_from = 0;
    serial->in_to = (size_t)count;
    return 0;
}

static int write_some(struct serial *serial)
{
    ssize_t count =
        write(serial->file, serial->out + serial->out_from, serial->out_to - serial->out_from);

    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    serial->out_from += (size_t)count;
    return 0;
}

/* One poll: 1 = go on, 0 = time over or a signal, negative = the port is gone. */
static int step(struct serial *serial, uint64_t deadline)
{
    uint64_t now = ferry_link_now();
    struct pollfd port = {.fd = serial->file, .events = POLLIN};
    int status = 0;

    if (serial->out_from < serial->out_to)
        port.events |= POLLOUT;
    status = poll(&port, 1, now < deadline ? (int)(deadline - now) : 0);
    if (status <= 0)
        return status == 0 || errno == EINTR ? 0 : -errno;
    status = 0;
    if ((port.revents & POLLOUT) != 0)
        status = write_some(serial);
    if (status == 0 && (port.revents & POLLIN) != 0)
        status = read_some(serial);
    else if (status == 0 && (port.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
        status = -EIO;
    return status < 0 ? status : 1;
}

static int serial_wait(struct ferry_link *link, uint64_t deadline, const uint8_t **message,
                       size_t *length)
{
    struct serial *serial = (struct serial *)link;
    int status = 1;

    if (serial->file < 0)
        return -ENODEV;
    while (!take_message(serial, message, length)) {
        if (status <= 0)
            return status;
        status = step(serial, deadline);
        if (status < 0) {
            close(serial->file);
            serial->file = -1;
        }
    }
    return 1;
}

static void close_port(struct serial *serial)
{
    if (serial->file >= 0)
        close(serial->file);
    serial->file = -1;
}

static int serial_reopen(struct ferry_link *link)
{
    struct serial *serial = (struct serial *)link;

    close_port(serial);
    return open_port(serial);
}

static void serial_close(struct ferry_link *link)
{
    struct serial *serial = (struct serial *)link;

    close_port(serial);
    free(serial->out);
    free(serial);
}

static const struct ferry_link_api serial_api = {
    .send = serial_send,
    .wait = serial_wait,
    .reopen = serial_reopen,
    .close = serial_close,
};

/* "PATH[@BAUD]": an @ that is not followed by digits alone belongs to the path. */
static bool parse_address(struct serial *serial, const char *address)
{
    const char *at = strrchr(address, '@');
    size_t length = strlen(address);
    speed_t speed;

    serial->baud = BAUD;
    if (at != NULL && at[1] != 0 && strspn(at + 1, "0123456789") == strlen(at + 1)) {
        length = (size_t)(at - address);
        serial->baud = strtoul(at + 1, NULL, 10);
    }
    if (length == 0 || length >= sizeof(serial->path) || !find_speed(serial->baud, &speed))
        return false;
    memcpy(serial->path, address, length);
    return true;
}

static void explain(const struct serial *serial, int status, char *why, size_t room)
{
    const char *path = serial->path;

    switch (-status) {
    case ENOENT:
        snprintf(why, room, "there is no %s; check the cable and the name of the port", path);
        break;
    case EACCES:
        snprintf(why, room,
                 "no permission to open %s; join the group that owns it (often 'dialout')", path);
        break;
    case EBUSY:
        snprintf(why, room, "%s is in use by another program; close that first", path);
        break;
    case ENOTTY:
        snprintf(why, room, "%s is not a serial port; give the device's port", path);
        break;
    default:
        snprintf(why, room, "cannot open %s: %s; check that the device is connected", path,
                 strerror(-status));
        break;
    }
}

struct ferry_link *ferry_link_serial(const char *address, enum ferry_link_problem *problem,
                                     char *why, size_t room)
{
    struct serial *serial = calloc(1, sizeof(*serial));
    int status;

    *problem = FERRY_LINK_OPEN;
    if (serial == NULL) {
        snprintf(why, room, "no memory for a connection; close other programs");
        return NULL;
    }
    serial->file = -1;
    if (!parse_address(serial, address)) {
        *problem = FERRY_LINK_ADDRESS;
        snprintf(why, room,
                 "'%s' is not PATH[@BAUD] with a usual baud rate; write /dev/ttyUSB0@115200",
                 address);
        free(serial);
        return NULL;
    }
    status = open_port(serial);
    if (status != 0) {
        explain(serial, status, why, room);
        serial_close(&serial->link);
        return NULL;
    }
    *problem = FERRY_LINK_OK;
    serial->link.api = &serial_api;
    serial->link.framing = FRAMING;
    serial->link.message_max = FERRY_CLIENT_MESSAGE_MAX;
    serial->link.message_min = MESSAGE_MIN;
    snprintf(serial->link.name, sizeof(serial->link.name), "serial port %.200s", serial->path);
    return &serial->link;
}
