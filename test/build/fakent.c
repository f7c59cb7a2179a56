/* A stand-in for ntdll that answers NtQuerySystemInformation as Windows does, with made-up counters that change.
 * Shares no code and no layout table with the parser. Built with gcc as .so and with mingw-w64 as .dll.
 *
 * Behaviour is set by the environment variable FAKENT when first called, or by fakent_configure at any time:
 * comma-separated key=value, numbers decimal or 0x..:
 *   tags=300      rows of the table             leak=50     blocks of 96 bytes that tag "Leak" gains per answer
 *   growth=0      rows gained by each refused call, so that a buffer sized by the refusal is too small again
 *   growths=3     how often that happens        status22=0, status255=0xC0000003, status2=0, status3=0, status0=0
 *   forever=0     1: always asks for a larger buffer    overcount=0  rows claimed beyond those written
 *   nolength=0    1: never tells a length       build=19045
 * Beside the counters, per answer of the table (a "tick"):
 *   procs=40 threads=8 modules=12   sizes of the lists; processes 4242 leaky.exe, 4300 watchman.exe, 5000 claude.exe among them
 *   handles=0     handles that leaky.exe gains          events=0    Event objects gained (tag Even follows)
 *   zombies=0     Process objects without a live process (tag Proc follows); held=1: watchman.exe has a handle to each
 *   files=0       File objects gained without a handle  leakat=0    tick at which Leak begins
 *   slept=0       tick from which ten minutes of sleep are told (0: never)
 *   drvat=0       tick from which leak.sys is another build (0: never)
 *   amp=0         blocks that Leak gains for each unit of work of claude.exe; busy=1: it works, and nothing follows
 *   spoil=0       1: type names, 2: process names, 3: entries that lead nowhere, 4: counts that claim too much
 *   status5, status11, status77, status64, status67, status45, status66, statusobj    refusals; session=0  1, 2: a layout of session pools */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#define CALL __stdcall
#else
#define EXPORT __attribute__((visibility("default")))
#define CALL
#endif

typedef uint32_t NTSTATUS;
#define STATUS_INFO_LENGTH_MISMATCH 0xC0000004u
#define STATUS_INVALID_INFO_CLASS 0xC0000003u

static struct {
    uint32_t tags, leak, growth, growths, forever, overcount, nolength, build;
    uint32_t status0, status2, status3, status22, status255, status5, status11, status77, status64, status67, statusobj;
    uint32_t status45, status66;
    uint32_t procs, threads, modules, handles, events, zombies, held, files, leakat, drvat, slept, amp, busy, spoil, session;
} set;
static uint32_t answers, grown;
static int configured;

static void defaults(void) {
    memset(&set, 0, sizeof set);
    set.tags = 300;
    set.leak = 50;
    set.growths = 3;
    set.build = 19045;
    set.procs = 40;
    set.threads = 8;
    set.modules = 12;
    set.status255 = STATUS_INVALID_INFO_CLASS;
    answers = 0;
    grown = 0;
    configured = 1;
}

EXPORT void CALL fakent_configure(const char *text) {
    static const struct { const char *name; uint32_t *at; } keys[] = {
        {"tags", &set.tags}, {"leak", &set.leak}, {"growth", &set.growth}, {"growths", &set.growths},
        {"forever", &set.forever}, {"overcount", &set.overcount}, {"nolength", &set.nolength}, {"build", &set.build},
        {"status0", &set.status0}, {"status2", &set.status2}, {"status3", &set.status3}, {"status22", &set.status22},
        {"status255", &set.status255}, {"status5", &set.status5}, {"status11", &set.status11},
        {"status77", &set.status77}, {"status64", &set.status64}, {"status67", &set.status67},
        {"statusobj", &set.statusobj}, {"status45", &set.status45}, {"status66", &set.status66}, {"procs", &set.procs}, {"threads", &set.threads}, {"modules", &set.modules},
        {"handles", &set.handles}, {"events", &set.events}, {"zombies", &set.zombies}, {"held", &set.held},
        {"files", &set.files}, {"leakat", &set.leakat}, {"drvat", &set.drvat}, {"slept", &set.slept}, {"amp", &set.amp}, {"busy", &set.busy},
        {"spoil", &set.spoil}, {"session", &set.session},
    };
    defaults();
    while (text && *text) {
        const char *equals = strchr(text, '=');
        if (!equals) break;
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            if (strlen(keys[i].name) == (size_t)(equals - text) && !strncmp(keys[i].name, text, equals - text))
                *keys[i].at = (uint32_t)strtoul(equals + 1, NULL, 0);
        text = strchr(equals, ',');
        if (text) text++;
    }
}

static void put4(unsigned char *at, uint32_t value) { memcpy(at, &value, 4); }
static void put8(unsigned char *at, uint64_t value) { memcpy(at, &value, 8); }
static void putp(unsigned char *at, uint64_t value) { sizeof(void *) == 8 ? put8(at, value) : put4(at, (uint32_t)value); }

static uint32_t tag_of(uint32_t row) {
    static const char *first[] = {"Leak", "Proc", "Thre", "File", "Irp ", "MmSt", "NtfF", "EtwB", "None", "Even"};
    char text[4];
    uint32_t tag;
    if (row < 10) memcpy(text, first[row], 4);
    else {
        uint32_t n = row - 10;
        text[0] = (char)('A' + n % 26);
        text[1] = (char)('a' + n / 26 % 26);
        text[2] = (char)('0' + n / 676 % 10);
        text[3] = (char)('0' + n / 6760 % 10);
    }
    memcpy(&tag, text, 4);
    return tag;
}

/* Work done up to a tick: uneven, the same in every run; `salt` makes another one of it. */
static uint64_t work(uint32_t tick, uint32_t salt) {
    uint64_t sum = 0;
    for (uint32_t t = 1; t <= tick; t++) sum += (t * 2654435761u + salt * 40503u) >> 27;
    return sum;
}

static uint32_t processes_alive(void) { return set.procs < 4 ? 4 : set.procs; }
static uint32_t process_objects(uint32_t tick) { return processes_alive() + 3 + set.zombies * tick; }
static uint32_t event_objects(uint32_t tick) { return 5000 + set.events * tick + tick % 7; }
static uint32_t file_objects(uint32_t tick) { return 7000 + set.files * tick + tick % 5; }

/* allocs, frees, used of one tag in one pool at one answer; a tenth of the tags changes with each answer. */
static void counters(uint32_t row, int paged, uint32_t tick, uint64_t out[3]) {
    uint32_t size = 32 + row % 60 * 16, held = 5 + row % 97, turns = (tick + 10 - row % 10) / 10;
    out[0] = out[1] = out[2] = 0;
    if (row == 0) {
        if (paged) return;
        out[0] = 1000 + (uint64_t)(tick > set.leakat ? tick - set.leakat : 0) * set.leak + set.amp * work(tick, 0);
        out[1] = 400;
        out[2] = (out[0] - out[1]) * 96;
        return;
    }
    if (paged ? row % 3 == 0 : row % 3 == 1) return;
    held += turns % 5;
    if (row == 1) held = process_objects(tick);
    if (row == 3) held = file_objects(tick);
    if (row == 9) held = event_objects(tick);
    out[1] = (uint64_t)row * 1000 + turns * 30;
    if (row == 5) out[1] = 0xFFFFFFE0u + (uint64_t)turns * 10; /* wraps soon on a 32-bit counter */
    out[0] = out[1] + held;
    out[2] = (uint64_t)held * size;
}

static void totals(uint32_t tick, uint64_t *nonpaged, uint64_t *paged) {
    uint64_t c[3];
    *nonpaged = *paged = 0;
    for (uint32_t row = 0; row < set.tags; row++) {
        counters(row, 0, tick, c); *nonpaged += c[2];
        counters(row, 1, tick, c); *paged += c[2];
    }
}

static NTSTATUS tags(unsigned char *out, uint32_t length, uint32_t *needed, int wide64) {
    size_t pointer = sizeof(void *), row_size = pointer == 4 ? 28 : wide64 ? 56 : 40, array = pointer;
    uint32_t rows = set.tags + grown;
    size_t need = array + row_size * rows;
    if (needed) *needed = set.nolength ? 0 : (uint32_t)need;
    if (length < need || set.forever) {
        if (set.growths) { set.growths--; grown += set.growth; }
        return STATUS_INFO_LENGTH_MISMATCH;
    }
    memset(out, 0, need);
    put4(out, rows + set.overcount);
    for (uint32_t row = 0; row < rows; row++) {
        unsigned char *at = out + array + row_size * row;
        uint64_t paged[3], nonpaged[3];
        counters(row, 1, answers, paged);
        counters(row, 0, answers, nonpaged);
        put4(at, tag_of(row));
        if (wide64 || pointer == 4) {
            for (int i = 0; i < 3; i++) putp(at + pointer * (1 + i), paged[i]);
            for (int i = 0; i < 3; i++) putp(at + pointer * (4 + i), nonpaged[i]);
        } else {
            put4(at + 4, (uint32_t)paged[0]); put4(at + 8, (uint32_t)paged[1]); put8(at + 16, paged[2]);
            put4(at + 24, (uint32_t)nonpaged[0]); put4(at + 28, (uint32_t)nonpaged[1]); put8(at + 32, nonpaged[2]);
        }
    }
    answers++;
    return 0;
}

/* Writes UTF-16 and answers its bytes. */
static uint32_t wide(unsigned char *at, const char *text) {
    uint32_t n = 0;
    for (; text[n]; n++) { at[2 * n] = (unsigned char)text[n]; at[2 * n + 1] = 0; }
    return 2 * n;
}

static const char *process_name(uint32_t i, char *buffer) {
    static const char *named[] = {"System", "leaky.exe", "watchman.exe", "claude.exe"};
    if (i < 4) return named[i];
    memcpy(buffer, "svchost00000.exe", 17);
    for (uint32_t n = i, at = 11; n && at > 6; n /= 10, at--) buffer[at] = (char)('0' + n % 10);
    return buffer;
}

static uint32_t process_id(uint32_t i) {
    static const uint32_t named[] = {4, 4242, 4300, 5000};
    return i < 4 ? named[i] : 8000 + 4 * i;
}

static uint32_t process_handles(uint32_t i) {
    uint32_t now = answers ? answers - 1 : 0;
    if (i == 0) return 3000 + now % 3;
    if (i == 1) return 300 + set.handles * now;
    if (i == 2) return 250 + (set.held ? set.zombies * now : 0);
    return 200 + i % 50;
}

/* Class 5. Every seventh entry is not aligned to 8, as real ones are not. */
static NTSTATUS processes(unsigned char *out, uint32_t length, uint32_t *needed) {
    int p8 = sizeof(void *) == 8;
    uint32_t fixed = p8 ? 0x100 : 0xB8, thread = p8 ? 0x50 : 0x40, count = processes_alive() + 1, now = answers ? answers - 1 : 0;
    uint32_t need = 0, at = 0;
    char buffer[20];
    for (uint32_t i = 0; i < count; i++) need += fixed + thread * set.threads + 40 + (i % 7 == 3 ? 2 : 0);
    if (needed) *needed = set.nolength ? 0 : need;
    if (length < need) return STATUS_INFO_LENGTH_MISMATCH;
    memset(out, 0, need);
    for (uint32_t i = 0; i < count; i++) {
        unsigned char *e = out + at;
        uint32_t size = fixed + thread * set.threads + 40 + (i % 7 == 3 ? 2 : 0), names = fixed + thread * set.threads;
        put4(e, i + 1 == count ? 0 : size);
        put4(e + 4, set.threads);
        if (i > 0) { /* the first is the idle process, without a name */
            uint32_t k = i - 1, bytes = wide(e + names, process_name(k, buffer));
            e[0x38] = (unsigned char)bytes; e[0x3A] = (unsigned char)(bytes + 2);
            putp(e + (p8 ? 0x40 : 0x3C), (uint64_t)(uintptr_t)(e + names));
            if (set.spoil == 2) { e[names] = 0x00; e[names + 1] = 0xD8; }
            put8(e + 0x20, 134000000000000000ull + k * 10000000ull);
            putp(e + (p8 ? 0x50 : 0x44), process_id(k));
            put4(e + (p8 ? 0x60 : 0x4C), process_handles(k));
            putp(e + (p8 ? 0x90 : 0x64), 10000000 + k * 4096);
            putp(e + (p8 ? 0xA0 : 0x70), 100000 + k);
            putp(e + (p8 ? 0xB0 : 0x78), 20000 + k + (k == 1 ? 64ull * set.handles * now : 0));
            putp(e + (p8 ? 0xC8 : 0x84), 5000000 + k * 4096);
            put8(e + (p8 ? 0xE0 : 0x98), 1000 + k + (k == 3 && (set.amp || set.busy) ? 500 * work(now, set.busy) : 3 * now));
            put8(e + (p8 ? 0xF8 : 0xB0), 900000 + 17 * now);
        }
        at += size;
    }
    if (set.spoil == 3) put4(out, 0x7FFFFFF0);
    return 0;
}

/* NtQueryObject class 3 */
static NTSTATUS object_types(unsigned char *out, uint32_t length, uint32_t *needed) {
    static const char *names[] = {"Type", "Directory", "Process", "Thread", "Event", "File", "Key", "Token", "Section",
                                  "ALPC Port", "Semaphore", "EtwRegistration"};
    int p8 = sizeof(void *) == 8;
    uint32_t now = answers ? answers - 1 : 0, fixed = p8 ? 0x68 : 0x60, pad = p8 ? 8 : 4, need = pad, at = pad;
    for (int i = 0; i < 12; i++) need += fixed + ((uint32_t)strlen(names[i]) * 2 + 2 + pad - 1) / pad * pad;
    if (needed) *needed = set.nolength ? 0 : need;
    if (length < need) return STATUS_INFO_LENGTH_MISMATCH;
    memset(out, 0, need);
    put4(out, set.spoil == 4 ? 900 : 12);
    for (uint32_t i = 0; i < 12; i++) {
        unsigned char *e = out + at;
        uint32_t bytes = wide(e + fixed, names[i]), objects = 60 + i * 40, handles = 50 + i * 30;
        if (i == 2) { objects = process_objects(now); handles = 400 + (set.held ? set.zombies * now : 0); }
        if (i == 3) { objects = (processes_alive() + 1) * set.threads + 20; handles = objects; }
        if (i == 4) { objects = event_objects(now); handles = 4800 + set.handles * now; }
        if (i == 5) { objects = file_objects(now); handles = 5000 + now % 3; }
        if (set.spoil == 1) e[fixed] = 1;
        e[0] = (unsigned char)bytes; e[2] = (unsigned char)(bytes + 2);
        putp(e + (p8 ? 8 : 4), (uint64_t)(uintptr_t)(e + fixed));
        put4(e + (p8 ? 0x10 : 8), objects);
        put4(e + (p8 ? 0x14 : 0xC), handles);
        put4(e + (p8 ? 0x28 : 0x20), objects + 5);
        put4(e + (p8 ? 0x2C : 0x24), handles + 5);
        e[p8 ? 0x5A : 0x52] = (unsigned char)(i + 2);
        at += fixed + (bytes + 2 + pad - 1) / pad * pad;
    }
    return 0;
}

/* Path and, for leak.sys, which of its two builds. */
static void module(unsigned char *base, uint32_t i) {
    static const char *named[] = {"ntoskrnl.exe", "hal.dll", "afd.sys", "leak.sys"};
    int p8 = sizeof(void *) == 8, newer = set.drvat && answers > set.drvat;
    char path[64] = "\\SystemRoot\\system32\\drivers\\", file[24] = "mod00.sys";
    uint32_t size = 0x10000 + i * 0x1000 + (i == 3 && newer ? 0x1000 : 0), folder = i < 2 ? 21 : 29;
    if (i < 4) memcpy(file, named[i], strlen(named[i]) + 1);
    else { file[3] = (char)('0' + i / 10 % 10); file[4] = (char)('0' + i % 10); }
    memcpy(path + folder, file, strlen(file) + 1);
    put4(base + (p8 ? 0x18 : 0xC), size);
    base[p8 ? 0x26 : 0x1A] = (unsigned char)folder;
    memcpy(base + (p8 ? 0x28 : 0x1C), path, strlen(path) + 1);
}

static NTSTATUS modules(unsigned char *out, uint32_t length, uint32_t *needed, int extended) {
    int p8 = sizeof(void *) == 8;
    uint32_t first = p8 ? 8 : 4, entry = extended ? (p8 ? 0x140 : 0x12C) : (p8 ? 0x128 : 0x11C);
    uint32_t need = extended ? set.modules * entry + 2 : first + set.modules * entry;
    if (needed) *needed = set.nolength ? 0 : need;
    if (length < need) return STATUS_INFO_LENGTH_MISMATCH;
    memset(out, 0, need);
    if (!extended) put4(out, set.modules + (set.spoil == 4 ? 7000 : 0));
    for (uint32_t i = 0; i < set.modules; i++) {
        unsigned char *e = out + (extended ? 0 : first) + i * entry;
        if (extended) {
            e[0] = (unsigned char)entry; e[1] = (unsigned char)(entry >> 8);
            put4(e + (p8 ? 0x134 : 0x124), 0x60000000 + i + (i == 3 && set.drvat && answers > set.drvat ? 0x100 : 0));
            module(e + first, i);
        } else module(e, i);
    }
    return 0;
}

/* Class 64: the handles of watchman.exe to processes and of leaky.exe to events, and three of System to files. */
static NTSTATUS handle_table(unsigned char *out, uint32_t length, uint32_t *needed) {
    int p8 = sizeof(void *) == 8;
    uint32_t now = answers ? answers - 1 : 0, first = p8 ? 0x10 : 8, entry = p8 ? 0x28 : 0x1C;
    uint32_t held = set.held ? set.zombies * now : 0, events = set.handles * now, count = held + events + 3;
    uint32_t need = first + count * entry;
    if (needed) *needed = set.nolength ? 0 : need;
    if (length < need) return STATUS_INFO_LENGTH_MISMATCH;
    memset(out, 0, need);
    putp(out, count + (set.spoil == 4 ? 1000000 : 0));
    for (uint32_t i = 0; i < count; i++) {
        unsigned char *e = out + first + i * entry;
        putp(e + (p8 ? 8 : 4), i < held ? 4300 : i < held + events ? 4242 : 4);
        putp(e + (p8 ? 0x10 : 8), 4 * i + 4);
        e[p8 ? 0x1E : 0x12] = (unsigned char)(i < held ? 4 : i < held + events ? 6 : 7);
    }
    return 0;
}

/* Class 45: 5,000 lists of which two are of Leak; answers with what fits, as Windows does. */
static NTSTATUS lookasides(unsigned char *out, uint32_t length, uint32_t *needed) {
    uint32_t i = 0;
    for (; i < 5000 && (i + 1) * 0x20 <= length; i++) {
        unsigned char *e = out + i * 0x20;
        memset(e, 0, 0x20);
        put4(e, i == 7 || i == 4999 ? 12 : 3);
        put4(e + 0x14, i == 4999);
        memcpy(e + 0x18, i == 7 || i == 4999 ? "Leak" : "Othr", 4);
        put4(e + 0x1C, 96);
    }
    if (needed) *needed = i * 0x20;
    return 0;
}

/* Class 66: three blocks of Leak, two nonpaged and one paged, and one of another tag. */
static NTSTATUS big_pool(unsigned char *out, uint32_t length, uint32_t *needed) {
    int p8 = sizeof(void *) == 8;
    uint32_t entry = p8 ? 0x18 : 0xC, first = p8 ? 8 : 4, need = first + 4 * entry;
    if (needed) *needed = set.nolength ? 0 : need;
    if (length < need) return STATUS_INFO_LENGTH_MISMATCH;
    memset(out, 0, need);
    put4(out, 4);
    for (uint32_t i = 0; i < 4; i++) {
        unsigned char *e = out + first + i * entry;
        putp(e, 0x10000 * (i + 1) + (i < 2));
        putp(e + (p8 ? 8 : 4), i == 2 ? 5000 : 8192);
        memcpy(e + (p8 ? 0x10 : 8), i < 3 ? "Leak" : "Othr", 4);
    }
    return 0;
}

/* Class 67 in one of the two layouts that are told of: two sessions (A), or one (B). */
static NTSTATUS sessions(unsigned char *out, uint32_t length, uint32_t *needed) {
    int p8 = sizeof(void *) == 8;
    uint32_t row = p8 ? 40 : 28, first = set.session == 1 ? (p8 ? 16 : 12) : 8, block = first + 2 * row;
    uint32_t blocks = set.session == 1 ? 2 : 1, need = block * blocks;
    if (needed) *needed = need;
    if (length < need) return STATUS_INFO_LENGTH_MISMATCH;
    memset(out, 0, need);
    for (uint32_t b = 0; b < blocks; b++) {
        unsigned char *e = out + b * block;
        if (set.session == 1) {
            putp(e, b + 1 < blocks ? block : 0);
            put4(e + (p8 ? 8 : 4), b + 1);
            put4(e + (p8 ? 12 : 8), 2);
        } else { put4(e, 2); put4(e + 4, 1); }
        for (uint32_t i = 0; i < 2; i++) {
            unsigned char *t = e + first + i * row;
            memcpy(t, i ? "Gla5" : "Usse", 4);
            put4(t + 4, 90 + 10 * b + answers); put4(t + 8, 40); putp(t + (p8 ? 16 : 12), 5000 + 100 * b);
        }
    }
    return 0;
}

EXPORT NTSTATUS CALL NtQueryObject(void *handle, uint32_t class, void *buffer, uint32_t length, uint32_t *needed) {
    (void)handle;
    if (!configured) fakent_configure(getenv("FAKENT"));
    if (class != 3) return STATUS_INVALID_INFO_CLASS;
    return set.statusobj ? set.statusobj : object_types(buffer, length, needed);
}

EXPORT NTSTATUS CALL NtQuerySystemInformation(uint32_t class, void *buffer, uint32_t length, uint32_t *needed) {
    unsigned char *out = buffer;
    if (!configured) fakent_configure(getenv("FAKENT"));
    switch (class) {
    case 22: return set.status22 ? set.status22 : tags(out, length, needed, 0);
    case 255: return set.status255 ? set.status255 : tags(out, length, needed, 1);
    case 5: return set.status5 ? set.status5 : processes(out, length, needed);
    case 11: return set.status11 ? set.status11 : modules(out, length, needed, 0);
    case 77: return set.status77 ? set.status77 : modules(out, length, needed, 1);
    case 64: return set.status64 ? set.status64 : handle_table(out, length, needed);
    case 45: return set.status45 ? set.status45 : lookasides(out, length, needed);
    case 66: return set.status66 ? set.status66 : big_pool(out, length, needed);
    case 67: return set.status67 ? set.status67 : set.session ? sessions(out, length, needed) : STATUS_INVALID_INFO_CLASS;
    case 0: {
        uint32_t need = sizeof(void *) == 8 ? 64 : 44;
        if (needed) *needed = need;
        if (set.status0) return set.status0;
        if (length != need) return STATUS_INFO_LENGTH_MISMATCH;
        memset(out, 0, need);
        put4(out + 8, 4096);
        put4(out + 12, 4u << 20 >> 2); /* 4 GiB of RAM in pages */
        return 0;
    }
    case 2: {
        uint32_t need = 344;
        uint64_t nonpaged, paged;
        if (needed) *needed = need;
        if (set.status2) return set.status2;
        if (length < need) return STATUS_INFO_LENGTH_MISMATCH;
        totals(answers, &nonpaged, &paged);
        memset(out, 0, need);
        put4(out + 44, 300000); /* available */
        put4(out + 48, 700000); /* committed */
        put4(out + 52, 1500000); /* commit limit */
        put4(out + 56, 800000); /* commit peak */
        put4(out + 60, 123456 + answers); /* page faults */
        put4(out + 112, (uint32_t)(paged / 4096 + 1));
        put4(out + 116, (uint32_t)(nonpaged / 4096 + 1));
        put4(out + 140, 100); /* resident system code */
        put4(out + 168, (uint32_t)(paged / 4096)); /* resident paged pool */
        put4(out + 172, 500); /* resident drivers */
        return 0;
    }
    case 3:
        if (needed) *needed = 48;
        if (set.status3) return set.status3;
        if (length < 32) return STATUS_INFO_LENGTH_MISMATCH;
        memset(out, 0, length < 48 ? length : 48);
        put8(out, 134000000000000000ull); /* boot, 100 ns units since 1601 */
        put8(out + 8, 134000036000000000ull);
        if (set.slept && answers > set.slept && length >= 48) put8(out + 40, 6000000000ull); /* ten minutes asleep */
        return 0;
    }
    return STATUS_INVALID_INFO_CLASS;
}

/* OSVERSIONINFOW: size, major, minor, build, platform, 128 UTF-16 characters */
EXPORT NTSTATUS CALL RtlGetVersion(uint32_t *info) {
    if (!configured) fakent_configure(getenv("FAKENT"));
    info[1] = 10;
    info[2] = 0;
    info[3] = set.build;
    return 0;
}

/* One registry: UBR 4651 (REG_DWORD) and EditionID "Professional" (REG_SZ), under any key; 2 is ERROR_FILE_NOT_FOUND. */
EXPORT int32_t CALL RegGetValueW(intptr_t root, const uint16_t *key, const uint16_t *name, uint32_t flags,
                                 uint32_t *type, void *data, uint32_t *length) {
    static const char edition[] = "Professional";
    (void)key, (void)flags, (void)type;
    if ((uint32_t)root != 0x80000002u) return 6;
    if (name[0] == 'U') {
        uint32_t revision = 4651;
        if (*length < sizeof revision) return 234;
        memcpy(data, &revision, sizeof revision);
        *length = sizeof revision;
        return 0;
    }
    if (name[0] != 'E' || *length < 2 * sizeof edition) return 2;
    for (uint32_t i = 0; i < sizeof edition; i++) ((uint16_t *)data)[i] = (uint16_t)edition[i];
    *length = 2 * sizeof edition;
    return 0;
}
