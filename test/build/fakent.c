/* A stand-in for ntdll that answers NtQuerySystemInformation as Windows does, with made-up counters that change.
 * Shares no code and no layout table with the parser. Built with gcc as .so and with mingw-w64 as .dll.
 *
 * Behaviour is set by the environment variable FAKENT when first called, or by fakent_configure at any time:
 * comma-separated key=value, numbers decimal or 0x..:
 *   tags=300      rows of the table             leak=50     blocks of 96 bytes that tag "Leak" gains per answer
 *   growth=0      rows gained by each refused call, so that a buffer sized by the refusal is too small again
 *   growths=3     how often that happens        status22=0, status255=0xC0000003, status2=0, status3=0, status0=0
 *   forever=0     1: always asks for a larger buffer    overcount=0  rows claimed beyond those written
 *   nolength=0    1: never tells a length       build=19045 */
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
    uint32_t status0, status2, status3, status22, status255;
} set;
static uint32_t answers, grown;
static int configured;

static void defaults(void) {
    memset(&set, 0, sizeof set);
    set.tags = 300;
    set.leak = 50;
    set.growths = 3;
    set.build = 19045;
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
        {"status255", &set.status255},
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

/* allocs, frees, used of one tag in one pool at one answer; a tenth of the tags changes with each answer. */
static void counters(uint32_t row, int paged, uint32_t tick, uint64_t out[3]) {
    uint32_t size = 32 + row % 60 * 16, held = 5 + row % 97, turns = (tick + 10 - row % 10) / 10;
    out[0] = out[1] = out[2] = 0;
    if (row == 0) {
        if (paged) return;
        out[0] = 1000 + (uint64_t)tick * set.leak;
        out[1] = 400;
        out[2] = (out[0] - out[1]) * 96;
        return;
    }
    if (paged ? row % 3 == 0 : row % 3 == 1) return;
    held += turns % 5;
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

EXPORT NTSTATUS CALL NtQuerySystemInformation(uint32_t class, void *buffer, uint32_t length, uint32_t *needed) {
    unsigned char *out = buffer;
    if (!configured) fakent_configure(getenv("FAKENT"));
    switch (class) {
    case 22: return set.status22 ? set.status22 : tags(out, length, needed, 0);
    case 255: return set.status255 ? set.status255 : tags(out, length, needed, 1);
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
