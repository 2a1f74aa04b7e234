;; Stress as it is marked: "+" before a vowel says that its syllable is stressed. Loaded after the
;; voice, whose own rules take the same sign, but for a letter like others: they say "кон+ечно" with
;; [ч], lose the second mark of "трёхс+от", and put that of "бол+ьшая" elsewhere.

(define (marked_syllables letters syllable)
"(marked_syllables LETTERS SYLLABLE)
The numbers of the syllables with a mark; SYLLABLE is that of the vowel before LETTERS, from 0."
  (cond
    ((null letters) nil)
    ((string-equal (car letters) "+")
     (cons (+ syllable 1) (marked_syllables (cdr letters) syllable)))
    ((member_string (car letters) '(а е ё и о у ы э ю я))
     (marked_syllables (cdr letters) (+ syllable 1)))
    (t (marked_syllables (cdr letters) syllable))))

(define (without_marks letters)
"(without_marks LETTERS)
The letters that are said."
  (cond
    ((null letters) nil)
    ((string-equal (car letters) "+") (without_marks (cdr letters)))
    (t (cons (car letters) (without_marks (cdr letters))))))

(define (stress_syllables syllables numbers)
"(stress_syllables SYLLABLES NUMBERS)
The syllables, those of these numbers stressed."
  (mapcar
    (lambda (number)
      (if (>= (length syllables) number)
          (set-car! (cdr (nth (- number 1) syllables)) 1)))
    numbers)
  syllables)

(set! msu_ru_unmarked_lts msu_ru_lts_function)

(define (msu_ru_lts_function word features)
"(msu_ru_lts_function WORD FEATURES)
The word's syllables: stressed as marked, else as the voice guesses."
  (let ((letters (lts.apply (utf8explode word) 'russian_downcase)) numbers)
    (set! numbers (marked_syllables letters 0))
    (if (null numbers)
        (msu_ru_unmarked_lts word features)
        (list word features
              (stress_syllables
                (russian_syllabify (lts.apply (without_marks letters) 'msu_ru) nil)
                numbers)))))
