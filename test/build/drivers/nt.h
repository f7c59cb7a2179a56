/* The few kernel declarations that the test drivers need, written from Microsoft's public driver interface reference. */
#pragma once
typedef unsigned char UCHAR;
typedef unsigned short USHORT;
typedef unsigned int ULONG;
typedef unsigned long long ULONG64;
typedef int NTSTATUS;
#ifdef _WIN64
typedef unsigned long long SIZE_T;
#else
typedef unsigned int SIZE_T;
#endif
typedef void *PVOID;
#define API __stdcall
#ifdef NO_IMPORT
#define IMPORT extern
#else
#define IMPORT __declspec(dllimport)
#endif
#define NOINLINE __attribute__((noinline))
#define NonPagedPool 0
#define PagedPool 1
#define NonPagedPoolNx 0x200
/* A tag whose bytes read a, b, c, d in memory. */
#define TAG(a, b, c, d) ((ULONG)(a) | (ULONG)(b) << 8 | (ULONG)(c) << 16 | (ULONG)(d) << 24)

typedef struct { USHORT Length, MaximumLength; const void *Buffer; } STRING;

IMPORT PVOID API ExAllocatePoolWithTag(int type, SIZE_T size, ULONG tag);
IMPORT PVOID API ExAllocatePoolWithQuotaTag(int type, SIZE_T size, ULONG tag);
IMPORT PVOID API ExAllocatePoolWithTagPriority(int type, SIZE_T size, ULONG tag, int priority);
IMPORT PVOID API ExAllocatePool(int type, SIZE_T size);
IMPORT PVOID API ExAllocatePool2(ULONG64 flags, SIZE_T size, ULONG tag);
IMPORT PVOID API ExAllocatePool3(ULONG64 flags, SIZE_T size, ULONG tag, PVOID extended, ULONG count);
IMPORT void API ExFreePoolWithTag(PVOID p, ULONG tag);
IMPORT void API ExFreePool2(PVOID p, ULONG tag, PVOID extended, ULONG count);
IMPORT void API ExInitializeNPagedLookasideList(PVOID list, PVOID a, PVOID f, ULONG flags, SIZE_T size, ULONG tag, USHORT depth);
IMPORT void API ExInitializePagedLookasideList(PVOID list, PVOID a, PVOID f, ULONG flags, SIZE_T size, ULONG tag, USHORT depth);
IMPORT NTSTATUS API ExInitializeLookasideListEx(PVOID list, PVOID a, PVOID f, int type, ULONG flags, SIZE_T size, ULONG tag, USHORT depth);
IMPORT PVOID API ExAllocateCacheAwareRundownProtection(int type, ULONG tag);
IMPORT PVOID API FsRtlAllocateAePushLock(int type, ULONG tag);
IMPORT PVOID API FsRtlAllocatePoolWithTag(int type, SIZE_T size, ULONG tag);
IMPORT NTSTATUS API FsRtlAllocateExtraCreateParameter(PVOID guid, ULONG size, ULONG flags, PVOID cleanup, ULONG tag, PVOID *out);
IMPORT void API FsRtlInitExtraCreateParameterLookasideList(PVOID list, ULONG flags, SIZE_T size, ULONG tag);
IMPORT PVOID API FltAllocatePoolAlignedWithTag(PVOID instance, int type, SIZE_T size, ULONG tag);
IMPORT void API FltFreePoolAlignedWithTag(PVOID instance, PVOID p, ULONG tag);
IMPORT NTSTATUS API FltAllocateExtraCreateParameter(PVOID filter, PVOID guid, ULONG size, ULONG flags, PVOID cleanup, ULONG tag, PVOID *out);
IMPORT NTSTATUS API FltRegisterFilter(PVOID driver, const void *registration, PVOID *filter);
IMPORT PVOID API FltGetRoutineAddress(const char *name);
IMPORT void API IoInitializeRemoveLockEx(PVOID lock, ULONG tag, ULONG minutes, ULONG water, ULONG size);
IMPORT PVOID API MmAllocateMappingAddress(SIZE_T size, ULONG tag);
IMPORT void API MmFreeMappingAddress(PVOID p, ULONG tag);
IMPORT PVOID API MmGetSystemRoutineAddress(const STRING *name);
IMPORT void API RtlInitUnicodeString(STRING *to, const void *from);
IMPORT NTSTATUS API NdisAllocateMemoryWithTag(PVOID *p, ULONG size, ULONG tag);
IMPORT PVOID API NdisAllocateMemoryWithTagPriority(PVOID h, ULONG size, ULONG tag, int priority);
IMPORT void API NdisFreeMemoryWithTag(PVOID p, ULONG tag);
IMPORT PVOID API NdisAllocateNetBufferListPool(PVOID h, const void *parameters);
IMPORT PVOID API NdisAllocateNetBufferPool(PVOID h, const void *parameters);
IMPORT NTSTATUS API NdisAllocateTimerObject(PVOID h, const void *characteristics, PVOID *timer);
IMPORT PVOID API NdisAllocateGenericObject(PVOID driver, ULONG tag, USHORT size);
IMPORT NTSTATUS API NdisAllocateCloneOidRequest(PVOID h, PVOID request, ULONG tag, PVOID *out);
IMPORT ULONG StorPortExtendedFunction(ULONG code, PVOID extension, ...);
IMPORT PVOID API VideoPortAllocatePool(PVOID extension, int type, SIZE_T size, ULONG tag);
IMPORT PVOID API EngAllocMem(ULONG flags, ULONG size, ULONG tag);
IMPORT NTSTATUS API ObReferenceObjectByPointerWithTag(PVOID o, ULONG access, PVOID type, char mode, ULONG tag);
IMPORT void API KeBugCheckEx(ULONG code, SIZE_T a, SIZE_T b, SIZE_T c, SIZE_T d);
IMPORT void API KeStallExecutionProcessor(ULONG us);
IMPORT SIZE_T API KeQueryTickish(SIZE_T a, SIZE_T b);
IMPORT NTSTATUS API WdfVersionBind(PVOID driver, PVOID path, PVOID info, PVOID *globals);

extern PVOID volatile keep;
extern int volatile choice;
#define DEFINE_KEEP PVOID volatile keep; int volatile choice;
int _fltused;
