# From reset to main: a stack, painted so that its use can be measured, and zeroed variables.
.section .text.start, "ax"
.globl _start
_start:
  la t0, trapped
  csrw mtvec, t0
  la sp, _stack_top
  la t0, _stack_bottom
  li t1, 0xA5A5A5A5
1:
  sw t1, 0(t0)
  addi t0, t0, 4
  bltu t0, sp, 1b
  la t0, _bss_start
  la t1, _bss_end
2:
  bgeu t0, t1, 3f
  sw zero, 0(t0)
  addi t0, t0, 4
  j 2b
3:
  call main
# A Swift precondition that fails is an illegal instruction; so are our own worst mistakes.
.balign 4
trapped:
  la sp, _stack_top
  csrr a0, mcause
  csrr a1, mepc
  call board_trapped
4:
  wfi
  j 4b
