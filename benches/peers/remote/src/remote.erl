%% Rival: an Erlang process that counts on one node, told and called from another.

-module(remote).
-export([main/1, counter/1]).

-define(IN_FLIGHT, 1000).

main(["serve"]) ->
    register(counter, spawn(?MODULE, counter, [0])),
    io:format("~s~n", [node()]);
main(["drive", Node, Row]) ->
    Counter = {counter, list_to_atom(Node)},
    {Count, Nanoseconds} = measure(list_to_atom(Row), Counter),
    io:format("~b~n", [Nanoseconds div Count]),
    erlang:halt(0, [{flush, true}]).

counter(Count) ->
    receive
        {add, _} -> counter(Count + 1);
        {blob, _} -> counter(Count + 1);
        {next, From, Ref, Number} -> From ! {Ref, Number + 1}, counter(Count);
        {total, From, Ref} -> From ! {Ref, Count}, counter(Count)
    end.

measure('tell-small', Counter) ->
    Count = 300000,
    timed(Count, fun() -> tell(Counter, Count), Count = total(Counter) end);
measure('tell-1KiB', Counter) ->
    Count = 150000,
    timed(Count, fun() -> blobs(Counter, Count), Count = total(Counter) end);
measure('ask-1000-in-flight', Counter) ->
    Count = 150000,
    timed(Count, fun() -> rounds(Counter, Count div ?IN_FLIGHT) end);
measure('ask-sequential', Counter) ->
    Count = 5000,
    connect(Counter),
    timed(Count, fun() -> asks(Counter, Count) end).

%% The first message connects the nodes.
connect(Counter) -> total(Counter).

timed(Count, Work) ->
    Begun = erlang:monotonic_time(nanosecond),
    Work(),
    {Count, erlang:monotonic_time(nanosecond) - Begun}.

tell(_, 0) -> ok;
tell(Counter, Left) -> Counter ! {add, Left}, tell(Counter, Left - 1).

blobs(_, 0) -> ok;
blobs(Counter, Left) -> Counter ! {blob, binary:copy(<<7>>, 1024)}, blobs(Counter, Left - 1).

%% A call as gen_server makes it: with a monitor, which tells when the other side is gone.
asks(_, 0) -> ok;
asks(Counter, Left) ->
    Ref = monitor(process, Counter),
    Counter ! {next, self(), Ref, Left},
    receive
        {Ref, Next} -> Next = Left + 1, demonitor(Ref, [flush]);
        {'DOWN', Ref, _, _, Reason} -> exit(Reason)
    end,
    asks(Counter, Left - 1).

rounds(_, 0) -> ok;
rounds(Counter, Left) ->
    Refs = [begin Ref = make_ref(), Counter ! {next, self(), Ref, Number}, {Ref, Number} end
            || Number <- lists:seq(1, ?IN_FLIGHT)],
    [receive {Ref, Next} -> Next = Number + 1 end || {Ref, Number} <- Refs],
    rounds(Counter, Left - 1).

total(Counter) ->
    Ref = make_ref(),
    Counter ! {total, self(), Ref},
    receive {Ref, Count} -> Count end.
