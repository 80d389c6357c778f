# ip netns: every verb, every refusal
ip netns add
ip netns add a/b
ip netns add ..
ip netns add -x
ip netns add "with space"
ip netns add red
ip netns add red
ip netns add blue extra
ip netns list
ip netns ls
ip netns show
ip netns del
ip netns del nosuch
ip netns del red nosuch
ip netns exec
ip netns exec nosuch
ip netns exec red
ip netns exec red nosuchcommand
ip netns exec red ls /nosuch
ip netns exec nosuch ip link
ip netns exec blue true
ip netns exec blue false
ip netns exec blue sh -c 'exit 42'
ip netns exec blue sh -c 'echo out; echo err >&2'
ip netns exec blue bash -c 'ip netns identify; ip netns identify $$'
ip netns exec blue ip netns list
ip netns exec blue ip netns exec blue ip link show lo
ip netns set
ip netns set blue
ip netns set blue abc
ip netns set blue -5
ip netns set nosuch 5
ip netns set blue 3
ip netns set blue 3
ip netns set blue auto
ip netns list-id
ip netns list-id target-nsid 3
ip netns list-id nsid 3
ip netns add green
ip netns set green auto
ip netns list-id
ip netns exec blue ip netns list-id
ip -n blue netns set green 9
ip -n blue netns list-id
ip netns identify
ip netns identify 1 extra
ip netns identify abc
ip netns identify 99999999
ip netns pids
ip netns pids nosuch
ip netns pids blue
ip netns exec blue sleep 3 & sleep 0.3; ip netns pids blue | wc -l
ip netns identify $(ip netns pids blue)
kill %1; wait 2>/dev/null; ip netns pids blue
ip netns attach mine $$
ip netns list
ip netns exec mine ip link show lo
ip netns attach mine 99999999
ip netns foo
ip netns delete green
ip netns list-id
ip -all netns exec true
ip -all netns exec ip -br link
ip -all netns delete
ip netns
