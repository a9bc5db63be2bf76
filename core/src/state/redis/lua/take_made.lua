-- How many meetings were made since the last time, by tenant; they are told once.
local made = redis.call('HGETALL', key('ext:made'))
redis.call('DEL', key('ext:made'))
return made
