// A load generator for relays: replays prepared WebSocket frames, and counts and times what comes
// back. One thread, one epoll; what it costs itself is in its report. See plan.py for the format
// of the plan, and generator.py for the report.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define BUFFER (4 << 20)
#define BUCKETS 4000000 /* of a microsecond each */
#define OPENING 64      /* connections that are being opened at once */
#define DRAIN_SECONDS 10.0

enum { LORO, HOCUSPOCUS, YJS };
enum { CLOSED, CONNECTING, UPGRADING, GREETED, READY };

typedef struct {
    uint32_t room, readies_needed, count;
    uint8_t wave, writes, reads;
    const uint8_t *path, *hello, *frames;
    const uint32_t *ends; /* of each frame, from the first one's beginning */
    uint32_t path_size, hello_size;
    int fd, state, blocked;
    uint32_t readies, sent, acked, written;
    uint64_t records, bytes;
    double greeted_at, ready_at;
    double *sent_at;
    uint8_t *rest;
    size_t rest_size;
} Connection;

typedef struct {
    Connection *writer; /* the only one, or NULL where there are several */
    uint32_t writers, readers;
    uint64_t sent, delivered;
} Room;

typedef struct {
    uint32_t *counts;
    uint64_t total;
} Histogram;

static Connection *connections;
static Room *rooms;
static uint32_t connection_count, room_count;
static int protocol, epoll, timer = -1;
static struct sockaddr_in address;
static uint8_t buffer[BUFFER];
static Histogram acks, deliveries;
static double now, measured_from = 1e300, measured_to = 1e300;
static uint64_t acked, delivered, acked_measured, delivered_measured, disordered;
static uint32_t ready_count, opening, exhausted_writers, writer_count;
static uint64_t records_expected;
static uint32_t window_size;
static double rate;
static uint32_t characters = 1; /* in one update of ours, for Yjs */
static const char *fault;

static double clock_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static double cpu_now(void) {
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return use.ru_utime.tv_sec + use.ru_stime.tv_sec +
           (use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e-6;
}

static void die(const char *what) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(2);
}

static void note(Histogram *histogram, double seconds) {
    double us = seconds * 1e6;
    uint32_t bucket = us < 0 ? 0 : us >= BUCKETS ? BUCKETS - 1 : (uint32_t)us;
    histogram->counts[bucket]++;
    histogram->total++;
}

static double percentile(const Histogram *histogram, double part) {
    uint64_t wanted = (uint64_t)(histogram->total * part), seen = 0;
    for (uint32_t bucket = 0; bucket < BUCKETS; bucket++) {
        seen += histogram->counts[bucket];
        if (seen > wanted) return bucket;
    }
    return 0;
}

static int measuring(void) { return now >= measured_from && now < measured_to; }

// Sending.

static void watch(Connection *c, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event)) die("epoll_ctl");
}

static void flush(Connection *c) {
    uint32_t due = c->sent ? c->ends[c->sent - 1] : 0;
    while (c->written < due) {
        ssize_t n = send(c->fd, c->frames + c->written, due - c->written, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno != EAGAIN) { fault = "a connection broke while sending"; return; }
            if (!c->blocked) watch(c, EPOLLIN | EPOLLOUT);
            c->blocked = 1;
            return;
        }
        c->written += n;
    }
    if (c->blocked) watch(c, EPOLLIN);
    c->blocked = 0;
}

static int offer(Connection *c, double at) {
    if (c->sent == c->count) return 0;
    c->sent_at[c->sent++] = at;
    rooms[c->room].sent++;
    if (c->sent == c->count) exhausted_writers++;
    return 1;
}

static void fill_window(Connection *c) {
    if (!window_size || now >= measured_to || measured_to == 1e300) return;
    while (c->sent - c->acked < window_size && offer(c, now)) {}
    flush(c);
}

// Receiving.

static void on_ack(Connection *c, int64_t batch) {
    if (c->acked >= c->sent) { fault = "an ack for nothing"; return; }
    if (batch >= 0 && batch != c->acked) disordered++;
    if (measuring()) {
        note(&acks, now - c->sent_at[c->acked]);
        acked_measured++;
    }
    c->acked++;
    acked++;
}

static void on_records(Connection *c, uint64_t count) {
    Room *room = &rooms[c->room];
    if (c->state == READY && room->writer && measuring())
        for (uint64_t at = c->records; at < c->records + count; at++)
            if (at < room->writer->sent) note(&deliveries, now - room->writer->sent_at[at]);
    c->records += count;
    if (c->state != READY || !c->reads) return;
    delivered += count;
    room->delivered += count;
    if (measuring()) delivered_measured += count;
}

static uint64_t varint(const uint8_t **at, const uint8_t *end) {
    uint64_t value = 0;
    for (int shift = 0; *at < end && shift < 64; shift += 7) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) break;
    }
    return value;
}

static void on_loro(Connection *c, const uint8_t *at, const uint8_t *end) {
    at += 4;
    at += varint(&at, end);
    if (at >= end) { fault = "a frame cut short"; return; }
    switch (*at++) {
    case 1: c->readies++; return;
    case 2: fault = "a join was refused"; return;
    case 3: {
        uint64_t records = 0;
        for (uint64_t left = varint(&at, end); left; left--) {
            uint64_t size = varint(&at, end);
            const uint8_t *update = at;
            records += varint(&update, end);
            at += size;
        }
        on_records(c, records);
        return;
    }
    case 6: fault = "put out of a room"; return;
    case 8: {
        int64_t batch = 0;
        for (int i = 7; i >= 0; i--) batch = batch << 8 | at[i];
        if (at[8]) fault = "an update was refused";
        on_ack(c, batch);
        return;
    }
    }
}

// How many of our updates a Yjs update carries: servers merge them. Ours are strings only.
static uint64_t yjs_updates(const uint8_t *at, const uint8_t *end) {
    uint64_t found = 0;
    varint(&at, end); /* the size */
    for (uint64_t clients = varint(&at, end); clients && at < end; clients--) {
        uint64_t structs = varint(&at, end);
        varint(&at, end);
        varint(&at, end);
        for (; structs && at < end; structs--) {
            uint8_t info = *at++;
            if ((info & 0x1f) != 4) { fault = "a Yjs update that is not ours"; return 0; }
            for (int origins = !!(info & 0x80) + !!(info & 0x40); origins; origins--) {
                varint(&at, end);
                varint(&at, end);
            }
            if (!(info & 0xc0)) {
                varint(&at, end);
                at += varint(&at, end);
            }
            uint64_t length = varint(&at, end);
            at += length;
            found += length;
        }
    }
    return found / characters;
}

static void on_yjs(Connection *c, const uint8_t *at, const uint8_t *end) {
    if (protocol == HOCUSPOCUS) at += varint(&at, end); /* the document's name */
    uint64_t kind = varint(&at, end);
    if (kind == 8) { on_ack(c, -1); return; } /* Hocuspocus: has been taken in */
    if (kind == 2 && protocol == HOCUSPOCUS) {
        if (varint(&at, end) != 2) fault = "not let in";
        return;
    }
    if (kind != 0) return;
    switch (varint(&at, end)) {
    case 1: c->readies++; return;
    case 2:
        on_records(c, yjs_updates(at, end));
        /* y-websocket acks nothing, but sends everything to its author too. */
        if (protocol == YJS && c->writes) on_ack(c, -1);
        return;
    }
}

static void pong(Connection *c, int text) {
    static const uint8_t as_text[] = {0x81, 0x84, 0, 0, 0, 0, 'p', 'o', 'n', 'g'};
    static const uint8_t as_frame[] = {0x8a, 0x80, 0, 0, 0, 0};
    if (!c->blocked) {
        if (text) send(c->fd, as_text, sizeof as_text, MSG_NOSIGNAL);
        else send(c->fd, as_frame, sizeof as_frame, MSG_NOSIGNAL);
    }
}

static void become_ready(Connection *c) {
    if (c->state != GREETED || c->readies < c->readies_needed || c->records < records_expected)
        return;
    c->state = READY;
    c->ready_at = now;
    c->records = 0;
    ready_count++;
    opening--;
}

static size_t take_frames(Connection *c, const uint8_t *data, size_t size) {
    size_t at = 0;
    while (!fault && size - at >= 2) {
        const uint8_t *head = data + at;
        size_t header = 2, length = head[1] & 0x7f;
        if (length == 126) {
            header = 4;
            if (size - at < header) break;
            length = head[2] << 8 | head[3];
        } else if (length == 127) {
            header = 10;
            if (size - at < header) break;
            length = 0;
            for (int i = 2; i < 10; i++) length = length << 8 | head[i];
        }
        if (size - at < header + length) break;
        const uint8_t *body = head + header;
        switch (head[0] & 0x0f) {
        case 1: if (length == 4 && !memcmp(body, "ping", 4)) pong(c, 1); break;
        case 2:
            if (!(head[0] & 0x80)) { fault = "a frame in pieces"; break; }
            if (protocol == LORO) on_loro(c, body, body + length);
            else on_yjs(c, body, body + length);
            break;
        case 8: fault = "a connection was closed"; break;
        case 9: pong(c, 0); break;
        }
        at += header + length;
        become_ready(c);
    }
    return at;
}

static void greet(Connection *c) {
    c->state = GREETED;
    c->greeted_at = now;
    if (c->hello_size && send(c->fd, c->hello, c->hello_size, MSG_NOSIGNAL) != c->hello_size)
        fault = "a greeting did not leave in one piece";
    become_ready(c);
}

static void receive(Connection *c) {
    if (c->rest_size) memcpy(buffer, c->rest, c->rest_size);
    ssize_t n = recv(c->fd, buffer + c->rest_size, BUFFER - c->rest_size, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) { fault = "a connection was lost"; return; }
    now = clock_now();
    c->bytes += n;
    size_t size = c->rest_size + n, at = 0;
    if (c->state == UPGRADING) {
        const uint8_t *end = memmem(buffer, size, "\r\n\r\n", 4);
        if (end) {
            if (memcmp(buffer, "HTTP/1.1 101", 12)) { fault = "no upgrade"; return; }
            at = end + 4 - buffer;
            greet(c);
        }
    }
    if (c->state > UPGRADING) at += take_frames(c, buffer + at, size - at);
    c->rest_size = size - at;
    if (c->rest_size) {
        c->rest = realloc(c->rest, c->rest_size);
        memcpy(c->rest, buffer + at, c->rest_size);
    } else if (c->rest) {
        free(c->rest);
        c->rest = NULL;
    }
    if (c->state == READY && c->writes && !fault) fill_window(c);
}

// Opening.

static void open_connection(Connection *c) {
    int on = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0) die("socket");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)
        die("connect");
    c->state = CONNECTING;
    opening++;
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = c};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event)) die("epoll_ctl");
}

static void upgrade(Connection *c) {
    char request[1024];
    int size = snprintf(request, sizeof request,
        "GET %.*s HTTP/1.1\r\nHost: relay.bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        (int)c->path_size, c->path);
    if (send(c->fd, request, size, MSG_NOSIGNAL) != size) fault = "no connection";
    c->state = UPGRADING;
    watch(c, EPOLLIN);
}

static void step(int wait_ms) {
    struct epoll_event events[512];
    int n = epoll_wait(epoll, events, 512, wait_ms);
    now = clock_now();
    for (int i = 0; i < n && !fault; i++) {
        Connection *c = events[i].data.ptr;
        if (!c) {
            uint64_t ticks;
            if (read(timer, &ticks, sizeof ticks) < 0) continue;
        } else if (c->state == CONNECTING) upgrade(c);
        else {
            if (events[i].events & EPOLLOUT) flush(c);
            if (events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) receive(c);
        }
    }
}

static double open_all(int one_by_one) {
    double begun = now = clock_now(), heard = begun;
    uint32_t next = 0, last_ready = 0;
    while (ready_count < connection_count && !fault) {
        while (next < connection_count && opening < (one_by_one ? 1 : OPENING) &&
               (ready_count == next || connections[next].wave == connections[next - 1].wave))
            open_connection(&connections[next++]);
        step(1000);
        if (ready_count != last_ready) { last_ready = ready_count; heard = now; }
        if (now - heard > 60) fault = "no answer to a join";
    }
    return now - begun;
}

// Working.

static void work(double seconds, double warm_up) {
    double begun = now = clock_now();
    measured_from = begun + warm_up;
    measured_to = measured_from + seconds;
    uint64_t paced = 0;
    uint32_t turn = 0;
    if (rate > 0) {
        struct itimerspec every = {{0, 200000}, {0, 200000}};
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
        timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
        if (timer < 0 || timerfd_settime(timer, 0, &every, NULL) ||
            epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event)) die("timer");
    } else
        for (uint32_t i = 0; i < connection_count; i++)
            if (connections[i].writes) fill_window(&connections[i]);
    while (now < measured_to && !fault) {
        if (exhausted_writers == writer_count) {
            uint64_t sent = 0;
            for (uint32_t i = 0; i < room_count; i++) sent += rooms[i].sent;
            if (acked >= sent) { measured_to = now; break; }
        }
        for (; rate > 0 && paced < (now - begun) * rate; paced++) {
            for (uint32_t tries = 0; tries < connection_count; tries++) {
                Connection *c = &connections[turn++ % connection_count];
                if (!c->writes) continue;
                /* Timed from when it was due: waiting for a slow relay counts. */
                if (offer(c, begun + paced / rate)) { flush(c); break; }
            }
        }
        step(100);
    }
}

static int complete(void) {
    for (uint32_t i = 0; i < room_count; i++) {
        Room *room = &rooms[i];
        uint64_t others = room->readers;
        if (room->delivered < room->sent * others) return 0;
    }
    for (uint32_t i = 0; i < connection_count; i++)
        if (connections[i].acked < connections[i].sent) return 0;
    return 1;
}

// The plan.

static const uint8_t *plan, *plan_end;

static uint32_t number(void) {
    uint32_t value;
    if (plan + 4 > plan_end) { errno = EINVAL; die("plan"); }
    memcpy(&value, plan, 4);
    plan += 4;
    return value;
}

static const uint8_t *bytes(uint32_t size) {
    const uint8_t *at = plan;
    if (plan + size > plan_end) { errno = EINVAL; die("plan"); }
    plan += size + (-size & 3u);
    return at;
}

static void read_plan(const char *path) {
    int fd = open(path, O_RDONLY);
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat)) die(path);
    plan = mmap(NULL, stat.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (plan == MAP_FAILED) die(path);
    plan_end = plan + stat.st_size;
    connection_count = number();
    room_count = number();
    connections = calloc(connection_count, sizeof *connections);
    rooms = calloc(room_count, sizeof *rooms);
    for (uint32_t i = 0; i < connection_count; i++) {
        Connection *c = &connections[i];
        c->room = number();
        c->wave = number();
        uint32_t role = number();
        c->writes = role & 1;
        c->reads = role >> 1 & 1;
        c->readies_needed = number();
        c->path_size = number();
        c->path = bytes(c->path_size);
        c->hello_size = number();
        c->hello = bytes(c->hello_size);
        c->count = number();
        c->ends = (const uint32_t *)bytes(4 * c->count);
        c->frames = bytes(c->count ? c->ends[c->count - 1] : 0);
        c->sent_at = calloc(c->count + 1, sizeof *c->sent_at);
        Room *room = &rooms[c->room];
        room->readers += c->reads;
        writer_count += c->writes;
        if (c->writes) room->writer = room->writers++ ? NULL : c;
    }
}

int main(int argc, char **argv) {
    double seconds = 0, warm_up = 0;
    int one_by_one = 0, stay = 0, option;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    while ((option = getopt(argc, argv, "p:k:w:r:s:u:e:l:1i")) != -1) switch (option) {
        case 'p': address.sin_port = htons(atoi(optarg)); break;
        case 'k': protocol = !strcmp(optarg, "yjs") ? YJS
                           : !strcmp(optarg, "hocuspocus") ? HOCUSPOCUS : LORO; break;
        case 'w': window_size = atoi(optarg); break;
        case 'r': rate = atof(optarg); break;
        case 's': seconds = atof(optarg); break;
        case 'u': warm_up = atof(optarg); break;
        case 'e': records_expected = strtoull(optarg, NULL, 10); break;
        case 'l': characters = atoi(optarg); break;
        case '1': one_by_one = 1; break;
        case 'i': stay = 1; break;
        default: return 2;
    }
    read_plan(argv[optind]);
    acks.counts = calloc(BUCKETS, sizeof(uint32_t));
    deliveries.counts = calloc(BUCKETS, sizeof(uint32_t));
    epoll = epoll_create1(0);
    double opened = open_all(one_by_one);
    if (stay) {
        printf("%.6f\n", opened);
        fflush(stdout);
        getchar();
    }
    double cpu = cpu_now(), begun = clock_now();
    if (seconds > 0 && !fault) work(seconds, warm_up);
    double worked = clock_now() - begun;
    cpu = cpu_now() - cpu;
    double until = clock_now() + DRAIN_SECONDS;
    while (!fault && !complete() && clock_now() < until) step(100);
    double from = measured_from < 1e300 ? measured_from : 0;
    printf("{\"fault\": %s%s%s, \"opened_seconds\": %.6f, \"seconds\": %.6f, \"acked\": %lu, "
           "\"delivered\": %lu, \"ack_us\": [%.0f, %.0f], \"delivery_us\": [%.0f, %.0f], "
           "\"busy\": %.4f, \"complete\": %s, \"exhausted\": %s, \"disordered\": %lu, \"joins\": [",
           fault ? "\"" : "", fault ? fault : "null", fault ? "\"" : "", opened,
           measured_to - from, acked_measured, delivered_measured, percentile(&acks, 0.5),
           percentile(&acks, 0.99), percentile(&deliveries, 0.5), percentile(&deliveries, 0.99),
           worked > 0 ? cpu / worked : 0, complete() ? "true" : "false",
           exhausted_writers && exhausted_writers == writer_count ? "true" : "false", disordered);
    for (uint32_t i = 0; one_by_one && i < connection_count; i++)
        printf("%s[%.6f, %lu]", i ? ", " : "", connections[i].ready_at - connections[i].greeted_at,
               connections[i].bytes);
    printf("]}\n");
    return 0;
}
