/* A driver that binds to KMDF: LAYOUT_ARRAY is the old way (the table lies in the driver), otherwise a pointer to it. */
#include "nt.h"
typedef struct { ULONG size; const unsigned short *component; ULONG major, minor, build; ULONG count; PVOID table; PVOID module; } BIND_INFO;
typedef struct { ULONG size; PVOID add, unload; ULONG flags, tag; } DRIVER_CONFIG;
typedef NTSTATUS(API *DRIVER_CREATE)(PVOID globals, PVOID driver, PVOID path, PVOID attributes, DRIVER_CONFIG *config, PVOID *out);
typedef NTSTATUS(API *MEMORY_CREATE)(PVOID globals, PVOID attributes, int type, ULONG tag, SIZE_T size, PVOID *memory, PVOID *buffer);
typedef NTSTATUS(API *LOOKASIDE_CREATE)(PVOID globals, PVOID attributes, SIZE_T size, int type, PVOID memory, ULONG tag, PVOID *out);
static PVOID globals;
#ifdef LAYOUT_ARRAY
PVOID functions[400];
BIND_INFO info = {sizeof(BIND_INFO), L"KmdfLibrary", 1, 9, 7600, 400, functions, 0};
#define FUNCTION(type, index) ((type)functions[index])
#else
PVOID *functions;
BIND_INFO info = {sizeof(BIND_INFO), L"KmdfLibrary", 1, 33, 0, 480, &functions, 0};
#define FUNCTION(type, index) ((type)functions[index])
#endif
DEFINE_KEEP
