cat /sys/devices/system/clocksource/clocksource0/*; cp /tmp/b/clk /tmp/clk 2>/dev/null || cp clk /tmp/clk; /tmp/clk; /tmp/clk; dmesg | grep -i tsc
grep HZ= /boot/config-$(uname -r) 2>/dev/null
