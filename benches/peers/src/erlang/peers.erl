%% Rival: the workloads on Erlang processes; a question is a gen_server:call, as users ask.
%%
%% erl +S N:N -noshell -pa DIR -run peers main ROW THREADS SIZE

-module(peers).
-behaviour(gen_server).
-export([main/1, init/1, handle_call/3, handle_cast/2]).

-define(BURST, 256).
-define(CREATURES, 100).
-define(ACCOUNTS, 1000).
-define(ASKERS, 1000).
-define(BIG, 120).

main([Row, _Threads, Size]) ->
    Line = case measure(list_to_atom(Row), list_to_integer(Size)) of
        {time, Operations, Nanoseconds} -> io_lib:format("time ~b ~b", [Operations, Nanoseconds]);
        {memory, Actors, Bytes} -> io_lib:format("memory ~b ~b", [Actors, Bytes]);
        {cannot, Reason} -> ["cannot ", Reason]
    end,
    io:format("~s~n", [Line]),
    erlang:halt(0, [{flush, true}]).

measure(tell, Size) -> tell(Size);
measure('tell-actor', Size) -> from_actors(1, Size);
measure('fan-in', Size) -> from_actors(4, Size);
measure('ping-pong', Size) -> ping_pong(Size);
measure('ring-100', Size) -> ring(100, Size);
measure('ring-10k', Size) -> ring(10000, Size);
measure('ask-actor', Size) -> ask(1, Size);
measure('ask-task', _) -> {cannot, "its tasks are its actors: see ask-actor"};
measure('ask-1000', Size) -> ask(?ASKERS, Size);
measure('ask-1000-task', _) -> {cannot, "its tasks are its actors: see ask-1000"};
measure(spawn, Size) -> spawn_many(Size);
measure(memory, Size) -> memory(Size);
measure(skynet, Size) -> skynet(Size);
measure(big, Size) -> big(Size);
measure(chameneos, Size) -> chameneos(Size);
measure(bank, Size) -> bank(Size);
measure(bounded, _) -> {cannot, "no sender can wait for room in its mailboxes"}.

%% So many operations since Start.
time(Operations, Start) ->
    {time, Operations, erlang:monotonic_time(nanosecond) - Start}.

now_ns() -> erlang:monotonic_time(nanosecond).

%% Waits for {done, Expected}; anything else ends the process badly.
done(Expected) ->
    receive {done, Expected} -> ok;
            {done, Other} -> wrong(Other, Expected)
    end.

wrong(Seen, Expected) ->
    io:format(standard_error, "the work was not done: ~p is not ~p~n", [Seen, Expected]),
    erlang:halt(1).

%% Counting

counter(Main, 0, Sum) -> Main ! {done, Sum};
counter(Main, Left, Sum) ->
    receive Number -> counter(Main, Left - 1, Sum + Number) end.

send_ones(_, 0) -> ok;
send_ones(To, Left) -> To ! 1, send_ones(To, Left - 1).

tell(Size) ->
    Main = self(),
    Counter = spawn(fun() -> counter(Main, Size, 0) end),
    Start = now_ns(),
    send_ones(Counter, Size),
    done(Size),
    time(Size, Start).

from_actors(Tellers, Size) ->
    Main = self(),
    Share = Size div Tellers,
    Total = Share * Tellers,
    Counter = spawn(fun() -> counter(Main, Total, 0) end),
    Start = now_ns(),
    [spawn(fun() -> send_ones(Counter, Share) end) || _ <- lists:seq(1, Tellers)],
    done(Total),
    time(Total, Start).

%% Ping-pong

player(Main, Partner, Received) ->
    receive
        {partner, Pid} -> player(Main, Pid, Received);
        0 -> Main ! {done, Received};
        Left -> Partner ! (Left - 1), player(Main, Partner, Received + 1)
    end.

ping_pong(Rounds) ->
    Main = self(),
    Ping = spawn(fun() -> player(Main, none, 0) end),
    Pong = spawn(fun() -> player(Main, Ping, 0) end),
    Ping ! {partner, Pong},
    Start = now_ns(),
    Ping ! 2 * Rounds,
    done(Rounds),
    time(Rounds, Start).

%% Thread ring

member(Main, Index, Next) ->
    receive
        {next, Pid} -> member(Main, Index, Pid);
        0 -> Main ! {done, Index}, member(Main, Index, Next);
        Left -> Next ! (Left - 1), member(Main, Index, Next)
    end.

ring(Members, Hops) ->
    Main = self(),
    Last = spawn(fun() -> member(Main, Members - 1, none) end),
    First = lists:foldl(
        fun(Index, Next) -> spawn(fun() -> member(Main, Index, Next) end) end,
        Last, lists:seq(Members - 2, 0, -1)),
    Last ! {next, First},
    First ! Members,
    done(0),
    Start = now_ns(),
    First ! Hops,
    done(Hops rem Members),
    time(Hops, Start).

%% Asking

init([]) -> {ok, none}.
handle_call(Question, _, State) -> {reply, Question + 1, State}.
handle_cast(_, State) -> {noreply, State}.

asker(Main, _, Count, Count) -> Main ! {asked, Count};
asker(Main, Answerer, Question, Count) ->
    Answer = gen_server:call(Answerer, Question, infinity),
    Answer =:= Question + 1 orelse wrong(Answer, Question + 1),
    asker(Main, Answerer, Answer, Count).

ask(Askers, Size) ->
    Main = self(),
    {ok, Answerer} = gen_server:start(?MODULE, [], []),
    Share = Size div Askers,
    Start = now_ns(),
    [spawn(fun() -> asker(Main, Answerer, 0, Share) end) || _ <- lists:seq(1, Askers)],
    [receive {asked, Share} -> ok end || _ <- lists:seq(1, Askers)],
    time(Share * Askers, Start).

%% Spawning: each one counts its message; a process that has ended has no state left.

once(Counter) ->
    receive go -> Counter ! 1 end.

spawn_many(Size) ->
    Main = self(),
    Counter = spawn(fun() -> counter(Main, Size, 0) end),
    Start = now_ns(),
    spawn_each(Counter, Size),
    done(Size),
    time(Size, Start).

spawn_each(_, 0) -> ok;
spawn_each(Counter, Left) ->
    spawn(fun() -> once(Counter) end) ! go,
    spawn_each(Counter, Left - 1).

%% Memory

idle(Main, Handled) ->
    receive
        Number when is_integer(Number) -> Main ! handled, idle(Main, Handled + Number)
    end.

memory(Size) ->
    Before = resident(),
    Main = self(),
    memory_each(Main, Size),
    {memory, Size, max(0, resident() - Before)}.

memory_each(_, 0) -> ok;
memory_each(Main, Left) ->
    spawn(fun() -> idle(Main, 0) end) ! 1,
    receive handled -> memory_each(Main, Left - 1) end.

resident() ->
    {ok, Status} = file:read_file("/proc/" ++ os:getpid() ++ "/status"),
    {match, [Kibibytes]} = re:run(Status, "VmRSS:\\s+(\\d+) kB", [{capture, all_but_first, list}]),
    list_to_integer(Kibibytes) * 1024.

%% Skynet

tree(Parent) ->
    receive
        {grow, 1, First} -> Parent ! {sum, First};
        {grow, Leaves, First} ->
            Share = Leaves div 10,
            Me = self(),
            [spawn(fun() -> tree(Me) end) ! {grow, Share, First + Index * Share}
                || Index <- lists:seq(0, 9)],
            Parent ! {sum, sum(10, 0)}
    end.

sum(0, Sum) -> Sum;
sum(Left, Sum) -> receive {sum, Part} -> sum(Left - 1, Sum + Part) end.

skynet(Leaves) ->
    Main = self(),
    Start = now_ns(),
    spawn(fun() -> tree(Main) end) ! {grow, Leaves, 0},
    Expected = Leaves * (Leaves - 1) div 2,
    case sum(1, 0) of
        Expected -> time(Leaves, Start);
        Other -> wrong(Other, Expected)
    end.

%% Big

%% The minimal standard generator: its products are small integers.
next_random(Random) -> Random * 48271 rem 2147483647.

big_begin(Main, Index, Share) ->
    receive {everyone, Everyone} -> big_ping(Main, Index, Everyone, 7919 * Index, Share, 0) end.

big_member(Main, Index, Everyone, Random, Asked, Left, Pongs) ->
    receive
        {ping, From} ->
            element(From, Everyone) ! {pong, Index},
            big_member(Main, Index, Everyone, Random, Asked, Left, Pongs);
        {pong, Asked} -> big_ping(Main, Index, Everyone, Random, Left, Pongs + 1)
    end.

big_ping(Main, Index, Everyone, Random, 0, Pongs) ->
    Main ! {pongs, Pongs},
    big_member(Main, Index, Everyone, Random, 0, 0, Pongs);
big_ping(Main, Index, Everyone, Random, Left, Pongs) ->
    Next = next_random(Random),
    Other = (Index + Next rem (?BIG - 1)) rem ?BIG + 1,
    element(Other, Everyone) ! {ping, Index},
    big_member(Main, Index, Everyone, Next, Other, Left - 1, Pongs).

big(Size) ->
    Main = self(),
    Share = Size div ?BIG,
    Pids = [spawn(fun() -> big_begin(Main, Index, Share) end)
        || Index <- lists:seq(1, ?BIG)],
    Everyone = list_to_tuple(Pids),
    Start = now_ns(),
    [Pid ! {everyone, Everyone} || Pid <- Pids],
    Pongs = lists:sum([receive {pongs, Count} -> Count end || _ <- Pids]),
    Expected = Share * ?BIG,
    Pongs =:= Expected orelse wrong(Pongs, Expected),
    time(Expected, Start).

%% Chameneos

complement(Color, Color) -> Color;
complement(blue, red) -> yellow;
complement(blue, yellow) -> red;
complement(red, blue) -> yellow;
complement(red, yellow) -> blue;
complement(yellow, blue) -> red;
complement(yellow, red) -> blue.

creature_go(Mall, Color, Meetings) ->
    Mall ! {meet, Color, self()},
    creature(Mall, Color, Meetings).

creature(Mall, Color, Meetings) ->
    receive
        {met, Other, Pid} ->
            New = complement(Color, Other),
            Pid ! {change, New},
            creature_go(Mall, New, Meetings + 1);
        {change, New} -> creature_go(Mall, New, Meetings + 1);
        exit -> Mall ! {meetings, Meetings}
    end.

mall(Main, 0, _) ->
    [receive {meet, _, Pid} -> Pid ! exit end || _ <- lists:seq(1, ?CREATURES)],
    Meetings = [receive {meetings, Count} -> Count end || _ <- lists:seq(1, ?CREATURES)],
    Main ! {done, lists:sum(Meetings)};
mall(Main, Left, none) ->
    receive {meet, _, Pid} -> mall(Main, Left, Pid) end;
mall(Main, Left, Waiting) ->
    receive {meet, Color, Pid} -> Waiting ! {met, Color, Pid}, mall(Main, Left - 1, none) end.

chameneos(Meetings) ->
    Main = self(),
    Colors = {blue, red, yellow},
    Start = now_ns(),
    Mall = spawn(fun() -> mall(Main, Meetings, none) end),
    [spawn(fun() -> creature_go(Mall, element(Index rem 3 + 1, Colors), 0) end)
        || Index <- lists:seq(1, ?CREATURES)],
    done(2 * Meetings),
    time(Meetings, Start).

%% Bank: an account that waits for a confirmation sets further orders aside. Left in the mailbox, each receive
%% would go through all of them.

account(Teller, Balance) ->
    receive
        {transfer, Amount, To} -> transfer(Teller, Balance, Amount, To, queue:new());
        {credit, Amount, From} ->
            From ! confirmed,
            account(Teller, Balance + Amount);
        balance -> Teller ! {balance, Balance}
    end.

transfer(Teller, Balance, Amount, To, Orders) ->
    To ! {credit, Amount, self()},
    account_waits(Teller, Balance - Amount, Orders).

account_waits(Teller, Balance, Orders) ->
    receive
        confirmed ->
            Teller ! done,
            case queue:out(Orders) of
                {{value, {Amount, To}}, Rest} -> transfer(Teller, Balance, Amount, To, Rest);
                {empty, _} -> account(Teller, Balance)
            end;
        {transfer, Amount, To} -> account_waits(Teller, Balance, queue:in({Amount, To}, Orders));
        {credit, Amount, From} ->
            From ! confirmed,
            account_waits(Teller, Balance + Amount, Orders)
    end.

order(_, _, 0) -> ok;
order(Accounts, Random0, Left) ->
    Random1 = next_random(Random0),
    Random2 = next_random(Random1),
    Random3 = next_random(Random2),
    From = Random1 rem (?ACCOUNTS div 10 * 8),
    To = From + 1 + Random2 rem (?ACCOUNTS - From - 1),
    element(From + 1, Accounts) ! {transfer, Random3 rem 100 + 1, element(To + 1, Accounts)},
    order(Accounts, Random3, Left - 1).

confirm(0) -> ok;
confirm(Left) -> receive done -> confirm(Left - 1) end.

%% Orders in bursts, and takes confirmations in between, as the tellers of the others do.
teller(Accounts, Random, Left, Confirmed) when Left > 0 ->
    Burst = min(Left, ?BURST),
    order(Accounts, Random, Burst),
    teller(Accounts, next_random(Random + Left), Left - Burst, taken(Confirmed));
teller(_, _, 0, Confirmed) -> Confirmed.

taken(Confirmed) ->
    receive done -> taken(Confirmed + 1) after 0 -> Confirmed end.

bank(Transfers) ->
    Main = self(),
    Initial = 1000,
    Teller = spawn(fun() ->
        receive
            {accounts, Accounts} ->
                Confirmed = teller(Accounts, 12345, Transfers, 0),
                confirm(Transfers - Confirmed),
                Pids = tuple_to_list(Accounts),
                [Pid ! balance || Pid <- Pids],
                Main ! {done, lists:sum([receive {balance, Balance} -> Balance end || _ <- Pids])}
        end
    end),
    Pids = [spawn(fun() -> account(Teller, Initial) end) || _ <- lists:seq(1, ?ACCOUNTS)],
    Start = now_ns(),
    Teller ! {accounts, list_to_tuple(Pids)},
    done(?ACCOUNTS * Initial),
    time(Transfers, Start).
