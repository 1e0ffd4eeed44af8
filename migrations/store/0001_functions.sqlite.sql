-- SQLite gets month_of, day_of and sum_int from the program at each connection; its lists are json_each.
SELECT 1;
