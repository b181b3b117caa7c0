(** * Where a chunk lies

    The registry of Streamstate.v holds values. Its callers have memory: they push a piece of a
    buffer, and write there afterwards. Rules PUSH_8 and PULL_13 say that no write shows. A registry
    that reads a piece at the call does what it does with values ([push_takes_the_bytes_of_the_call],
    [a_write_changes_nothing]); one that keeps the piece does not ([a_kept_piece_shows_the_write]). *)

From Coq Require Import List Arith Bool.
From Streamstate Require Export Steps.
Import ListNotations.
Set Implicit Arguments.

Section Memory.
Context {Byte Err : Type}.
Variable d : dialect.
Variable lim : limits.

(** Buffers by number, and a piece of one. *)
Definition memory := nat -> list Byte.
Record piece := Piece { buffer : nat; offset : nat; count : nat }.

Definition bytes_of (m : memory) (p : piece) := firstn (count p) (skipn (offset p) (m (buffer p))).

Definition written (m : memory) b bs : memory := fun b' => if b' =? b then bs else m b'.

(** What callers do: push a piece, call any other op, or write over a buffer. *)
Inductive act :=
  | PushPiece (n : nat) (p : piece) | Other (o : op (list Byte) Err) | Write (b : nat) (bs : list Byte).

(** ** A registry that reads the piece at the call *)

Notation effects := (effects (@length Byte) d lim).
Notation after := (after (@length Byte) d lim).

Fixpoint doings (m : memory) (st : state (list Byte) Err) (acts : list act) :=
  match acts with
  | [] => []
  | PushPiece n p :: rest =>
      let o := Push n (bytes_of m p) in effects st o ++ doings m (after st o) rest
  | Other o :: rest => effects st o ++ doings m (after st o) rest
  | Write b bs :: rest => doings (written m b bs) st rest
  end.

(** The program without memory: each push with the bytes that its piece has at the call. *)
Fixpoint program (m : memory) (acts : list act) : list (op (list Byte) Err) :=
  match acts with
  | [] => []
  | PushPiece n p :: rest => Push n (bytes_of m p) :: program m rest
  | Other o :: rest => o :: program m rest
  | Write b bs :: rest => program (written m b bs) rest
  end.

(** Theorem. Whatever is written between, each push has the bytes that its piece had at the call. *)
Theorem push_takes_the_bytes_of_the_call acts : forall m st,
  doings m st acts = history (@length Byte) d lim st (program m acts).
Proof.
  induction acts as [|a acts IH]; intros m st; [reflexivity|].
  destruct a as [n p|o|b bs]; cbn; rewrite IH; reflexivity.
Qed.

Lemma only_pieces_matter acts : forall m m',
  (forall n p, In (PushPiece n p) acts -> m (buffer p) = m' (buffer p)) ->
  program m acts = program m' acts.
Proof.
  induction acts as [|a acts IH]; intros m m' A; [reflexivity|].
  destruct a as [n p|o|b bs]; cbn.
  - f_equal.
    + f_equal. unfold bytes_of. rewrite (A n p (or_introl eq_refl)). reflexivity.
    + apply IH. intros n' p' I. exact (A n' p' (or_intror I)).
  - f_equal. apply IH. intros n' p' I. exact (A n' p' (or_intror I)).
  - apply IH. intros n' p' I. unfold written. destruct (buffer p' =? b); [reflexivity|].
    exact (A n' p' (or_intror I)).
Qed.

(** Theorem. A write over memory out of which nothing is pushed later, be it what was pushed or what
    a pull brought, changes no answer. *)
Theorem a_write_changes_nothing m st b bs acts :
  (forall n p, In (PushPiece n p) acts -> buffer p <> b) ->
  doings m st (Write b bs :: acts) = doings m st acts.
Proof.
  intros A. rewrite !push_takes_the_bytes_of_the_call. cbn. f_equal.
  apply only_pieces_matter. intros n p I. unfold written.
  destruct (buffer p =? b) eqn:E; [|reflexivity].
  apply Nat.eqb_eq in E. contradiction (A n p I E).
Qed.

(** ** A registry that keeps the piece *)

(** Theorem. It is the same registry with pieces for chunks, and hands its pull a piece in which
    whatever was written since is read. *)
Theorem a_kept_piece_shows_the_write (x y : Byte) m :
  let p := Piece 0 0 1 in
  let kept : list (op piece Err) := [Create; Pull 1; Push 1 p] in
  In (Resolved 1 (Brought p)) (history count d lim initial kept) /\
  bytes_of (written m 0 [x]) p = [x] /\
  bytes_of (written (written m 0 [x]) 0 [y]) p = [y].
Proof.
  cbn zeta. repeat split.
  destruct (level_zero lim 0) as [N1 N2]. unfold Steps.effects, Steps.after. cbn -[level_of].
  destruct (level_of lim 0 0) eqn:L; try congruence; cbn -[level_of]; rewrite ?L; cbn; tauto.
Qed.

End Memory.
