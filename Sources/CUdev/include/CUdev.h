// libudev, and what a serial line needs of the kernel and the C library.
#pragma once
#include <libudev.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// udev_monitor_receive_device(3) with the errno of a NULL: EAGAIN for nothing there, ENOBUFS for
/// events lost. The caller owns the device.
struct udev_device *_Nullable cudev_receive(struct udev_monitor *_Nonnull monitor,
                                            int *_Nonnull error);

/// Makes a line raw with one tcsetattr(3) and no call before it: 8N1, no echo, no flow control, no
/// modem lines, no hang-up at close. Reads nothing first, so that nothing comes in between.
/// Returns 0, or 1 when the speed has no constant and cserial_speed must follow, or -1 and errno.
int cserial_raw(int fd, uint32_t baud);
/// Sets any speed (TCSETS2 with BOTHER); -1 and errno where the driver refuses.
int cserial_speed(int fd, uint32_t baud);
/// Whether the line is raw, without echo and without HUPCL: 1 or 0, or -1 and errno.
int cserial_is_raw(int fd);
/// TIOCEXCL: further openers get EBUSY, unless they are root.
int cserial_claim(int fd);

/// The numbers of a device node: 0 when it is a character device, else -1 and errno.
int cserial_node(const char *_Nonnull path, uint64_t *_Nonnull device, uint32_t *_Nonnull group,
                 uint32_t *_Nonnull mode);
/// The name of a group; -1 when it has none. May ask a name service: it blocks.
int cserial_group_name(uint32_t group, char *_Nonnull name, size_t size);
/// Calls `found` for each process, at most `processes`, that has the device open; it blocks.
void cserial_holders(uint64_t device, int processes, int files_per_process,
                     void (*_Nonnull found)(void *_Nullable context, int32_t process),
                     void *_Nullable context);
