"""The scripts that run inside Redis. Each names its KEYS, its ARGV and every case of absence."""

CACHED = """
-- Tells which blocks of a product are cached. KEYS: block, its lease, block, its lease …. ARGV: none.
-- Where a block is absent its lease is dropped, so that a fill under way is not stored.
-- Returns the places of those present: 1 for the first block, 2 for the second ….
local present = {}
for i = 1, #KEYS, 2 do
  if redis.call('EXISTS', KEYS[i]) == 1 then
    present[#present + 1] = (i + 1) / 2
  else
    redis.call('DEL', KEYS[i + 1])
  end
end
return present
"""

PUBLISH = """
-- Puts levels into a cached block where they are not older than what it holds.
-- KEYS: block, its lease. ARGV: the levels, as a block of themselves.
-- The lease is dropped in any case, so that a fill under way is not stored over what is written here.
-- No block: nothing is written, returns 0. A block of another format or length is dropped likewise.
-- Else returns the number of entries written.
redis.call('DEL', KEYS[2])
local byte, sub, unpack, concat = string.byte, string.sub, struct.unpack, table.concat
local block, levels = redis.call('GET', KEYS[1]), ARGV[1]

local function end_of_entries(text)
  return byte(text, 1) == 1 and 2 + 14 * (byte(text, 2) or math.huge)
end

-- Where the slot's entry begins, if it is there; the slots ascend.
local function place_of(slot, count)
  local first, last = 0, count - 1
  if byte(block, 3 + 14 * slot) == slot and slot <= last then
    return 3 + 14 * slot
  end
  while first <= last do
    local middle = math.floor((first + last) / 2)
    local here = byte(block, 3 + 14 * middle)
    if here == slot then
      return 3 + 14 * middle
    elseif here < slot then
      first = middle + 1
    else
      last = middle - 1
    end
  end
end

-- Entries that only take the place of older ones. Returns how many, or nothing where there is more to do.
local function replace()
  local pieces, from, written = {}, 1, 0
  for at = 3, #levels, 14 do
    local place = place_of(byte(levels, at), byte(block, 2))
    if not place then
      return nil
    end
    if unpack('<I4', levels, at + 8) >= unpack('<I4', block, place + 8) then
      pieces[#pieces + 1] = sub(block, from, place - 1)
      pieces[#pieces + 1] = sub(levels, at, at + 13)
      from, written = place + 14, written + 1
    end
  end
  if written > 0 then
    pieces[#pieces + 1] = sub(block, from)
    redis.call('SET', KEYS[1], concat(pieces))
  end
  return written
end

-- A block's entries and extras by slot; nothing where it is none.
local function parts(text)
  local entries, extras, last = {}, {}, end_of_entries(text)
  if not last or #text < last then
    return nil
  end
  for at = 3, last, 14 do
    entries[byte(text, at)] = sub(text, at, at + 13)
  end
  local at = last + 1
  while at + 2 <= #text do
    local slot, length = unpack('<BI2', text, at)
    extras[slot] = sub(text, at + 3, at + 2 + length)
    at = at + 3 + length
  end
  if at == #text + 1 then
    return entries, extras
  end
end

local function merge()
  local entries, extras = parts(block)
  if not entries then
    redis.call('DEL', KEYS[1])
    return 0
  end
  local written, newer, newer_extras = 0, parts(levels)
  for slot, entry in pairs(newer) do
    local old = entries[slot]
    if not old or unpack('<I4', entry, 9) >= unpack('<I4', old, 9) then
      entries[slot], extras[slot] = entry, newer_extras[slot]
      written = written + 1
    end
  end
  local head, tail = {}, {}
  for slot = 0, 127 do
    if entries[slot] then
      head[#head + 1] = entries[slot]
      local extra = extras[slot]
      if extra then
        tail[#tail + 1] = struct.pack('<BI2', slot, #extra) .. extra
      end
    end
  end
  redis.call('SET', KEYS[1], string.char(1, #head) .. concat(head) .. concat(tail))
  return written
end

if not block then
  return 0
end
local plain = #block == end_of_entries(block) and #levels == end_of_entries(levels)
return plain and replace() or merge()
"""

FILL = """
-- Stores what a worker read from Postgres, if its lease still stands.
-- KEYS: key, its lease. ARGV: token of the lease, value, lifetime in ms (0: none).
-- Another token or no lease: nothing is stored. Returns 1 if stored, else 0. What the key held is replaced:
-- whoever writes it meanwhile drops the lease.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
if tonumber(ARGV[3]) > 0 then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
else
  redis.call('SET', KEYS[1], ARGV[2])
end
redis.call('DEL', KEYS[2])
return 1
"""

TAKE_OVER = """
-- Makes the caller the one publisher whose word counts.
-- KEYS: published. ARGV: epoch of its turn, lineage of its database.
-- A newer epoch of this lineage is held: nothing is written, returns an empty list. Another lineage: its place is lost.
-- Else {run, xact, seq}: run names this start of the server; xact and seq are empty where the place in the log is lost.
local held = redis.call('HMGET', KEYS[1], 'epoch', 'lineage')
if held[2] ~= ARGV[2] then
  redis.call('DEL', KEYS[1])
elseif tonumber(held[1]) > tonumber(ARGV[1]) then
  return {}
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'lineage', ARGV[2])
local place = redis.call('HMGET', KEYS[1], 'xact', 'seq')
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
return {run, place[1] or '', place[2] or ''}
"""

ADVANCE = """
-- Writes the publisher's place in the log, and its sign of life. KEYS: published, live.
-- ARGV: epoch, run, xact, seq, horizon (empty: it lags, live is left to run out), when live ends in ms since 1970.
-- Another epoch (a newer publisher), none (Redis was emptied) or another run (Redis was started again, maybe from an
-- old copy, or a replica took over): nothing is written, returns 0. Else 1.
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then
  return 0
end
if string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], 'xact', ARGV[3], 'seq', ARGV[4])
if ARGV[5] ~= '' then
  redis.call('SET', KEYS[2], ARGV[5], 'PXAT', ARGV[6])
end
return 1
"""
